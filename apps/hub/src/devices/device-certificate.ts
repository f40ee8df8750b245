/** Device certificate: issues one for a device's key, and keeps it. */
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import { certifyDevice } from '@skerry/platform/certificates/certificate-authority'
import { appendAudit } from '../audit/audit-store.ts'
import type { IssuingAuthority } from '../authorities/authorities.ts'
import type { Hub } from '../hub.ts'
import type { Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { keepCertificate } from './device-store.ts'
import { appendEvents } from './event-store.ts'

/** Whose certificate, and where the wish came from. */
export type CertificateWish = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  /** The device's own, from a request that was checked. */
  publicKeyPem: string
  source: string
  /** By whom; by the one that signs now where absent. */
  by?: IssuingAuthority | undefined
}

/** Issues a certificate, keeps it, and puts it on record: whoever looks for a stolen identity begins there. */
export async function issueCertificate(
  hub: Hub,
  { device, publicKeyPem, source, by }: CertificateWish,
): Promise<string> {
  const certificatePem = await makeCertificate(hub, device, publicKeyPem, by)
  const nowMs = hub.clock.nowMs()
  await hub.store.transaction((tx) => recordCertificate(tx, { device, certificatePem, source, nowMs }))
  hub.bus.publish('device.noted', device.id)
  return certificatePem
}

/** A certificate that nobody knows of yet. */
export function makeCertificate(
  hub: Hub,
  { id, organisation_id }: Pick<DeviceTable, 'id' | 'organisation_id'>,
  publicKeyPem: string,
  by = hub.authorities.active(),
): Promise<string> {
  const nowMs = hub.clock.nowMs()
  return certifyDevice(by.credentials, { publicKeyPem, deviceId: id, organisationId: organisation_id, nowMs })
}

export type NewCertificate = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  certificatePem: string
  source: string
  nowMs: number
}

/** Keeps the certificate as the device's own. Publish `device.noted` after the commit. */
export async function recordCertificate(
  tx: Tx,
  { device, certificatePem, source, nowMs }: NewCertificate,
): Promise<void> {
  const certificate = parseCertificate(certificatePem)
  await keepCertificate(tx, device.id, certificatePem)
  if (certificate) {
    const { serial, notAfterMs } = certificate
    await appendEvents(tx, { device, atMs: nowMs, changes: [{ kind: 'certified', serial, notAfterMs }] })
  }
  await appendAudit(tx, {
    organisationId: device.organisation_id,
    atMs: nowMs,
    actor: { kind: 'device', id: device.id, name: device.name },
    action: 'device.certified',
    object: { kind: 'device', id: device.id },
    source,
    result: 'ok',
    detail: { serial: certificate?.serial ?? '', notAfterMs: certificate?.notAfterMs ?? 0 },
  })
}
