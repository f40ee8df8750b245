/** Device certificate: issues one for a device's key, and keeps it. */
import { parseCertificate } from '@skerry/platform/certificate'
import { issueDeviceCertificate } from '@skerry/platform/certificate-authority'
import { appendAudit } from '../audit/audit-store.ts'
import { throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { DeviceTable } from '../store/foundation-tables.ts'
import { keepCertificate } from './device-store.ts'

/** Whose certificate, and where the wish came from. */
export type CertificateWish = {
  device: Pick<DeviceTable, 'id' | 'organisation_id' | 'name'>
  /** For the device's own key: the caller has checked that. */
  csr: string
  source: string
}

/** Issues a certificate, keeps it, and puts it on record: whoever looks for a stolen identity begins there. */
export async function issueCertificate(hub: Hub, { device, csr, source }: CertificateWish): Promise<string> {
  const [nowMs, organisationId] = [hub.clock.nowMs(), device.organisation_id]
  const wish = { requestPem: csr, deviceId: device.id, organisationId, nowMs }
  const issued = await issueDeviceCertificate(hub.authority, wish)
  if (!issued.ok) throwProblem(issued)
  const certificate = parseCertificate(issued.certificatePem)
  await hub.store.transaction(async (tx) => {
    await keepCertificate(tx, device.id, issued.certificatePem)
    await appendAudit(tx, {
      organisationId,
      atMs: nowMs,
      actor: { kind: 'device', id: device.id, name: device.name },
      action: 'device.certified',
      object: { kind: 'device', id: device.id },
      source,
      result: 'ok',
      detail: { serial: certificate?.serial ?? '', notAfterMs: certificate?.notAfterMs ?? 0 },
    })
  })
  return issued.certificatePem
}
