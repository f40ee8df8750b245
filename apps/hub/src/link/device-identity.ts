/** Device identity: which device a TLS connection belongs to, by its client certificate. */
import type { X509Certificate } from 'node:crypto'
import { type ErrorCode, errors } from '@skerry/contract/errors/errors'
import { DeviceId } from '@skerry/contract/values/ids'
import { isRefused } from '@skerry/core/devices/quarantine'
import { type CertificateVerdict, verifyCertificate } from '@skerry/platform/certificates/certificate'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { findDeviceById } from '../devices/device-store.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { isOpen } from '../organisations/organisation-state.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'

/** What is asked of a TLS socket. */
export type PeerSocket = {
  getPeerX509Certificate(): X509Certificate | undefined
  /** Whether TLS has found the certificate to be from our authority, and to count now. */
  authorized?: boolean
}

type IdentityCode =
  | 'certificate_missing'
  | 'certificate_invalid'
  | 'certificate_lapsed'
  | 'device_revoked'
  | 'organisation_disabled'

export type IdentityVerdict =
  | { ok: true; device: DeviceTable; notAfterMs: number }
  | {
      ok: false
      code: Extract<ErrorCode, IdentityCode>
      message: string
    }

/**
 * The device whose certificate the peer has shown. TLS has proved that the peer holds the key; here it is judged whether the certificate is
 * ours, counts now, and is for the key that the device joined with. So a removed or revoked device is out at once, without any list.
 */
export async function identifyDevice(hub: Hub, socket: PeerSocket): Promise<IdentityVerdict> {
  const verdict = await identify(hub, socket)
  if (!verdict.ok || (await isOpen(hub.store.db, verdict.device.organisation_id))) return verdict
  return refuse('organisation_disabled', errors.organisation_disabled.message)
}

async function identify(hub: Hub, socket: PeerSocket): Promise<IdentityVerdict> {
  const shown = socket.getPeerX509Certificate()
  if (!shown) return refuse('certificate_missing', 'connect with the certificate that this hub issued for the device')
  const kept = socket.authorized === true ? await findByKeptCertificate(hub, shown) : undefined
  if (kept) return kept
  const verdict = await judge(hub, shown)
  if (!verdict.ok) {
    return refuse(
      verdict.code === 'certificate_expired' ? 'certificate_lapsed' : 'certificate_invalid',
      verdict.message,
    )
  }
  const id = DeviceId.safeParse(verdict.certificate.commonName)
  const device = id.success ? await findDeviceById(hub.store.db, id.data) : undefined
  if (!device || device.public_key_hash !== hashPublicKey(shown.publicKey)) {
    return refuse('certificate_invalid', 'this hub knows no such device; join it again')
  }
  if (isRefused(device.status))
    return refuse('device_revoked', 'the device has been revoked; remove it and join it again')
  return { ok: true, device, notAfterMs: verdict.certificate.notAfterMs }
}

/** Where nobody known has signed it, another hub may just have had another authority begin. */
async function judge({ authorities, clock }: Hub, { raw }: X509Certificate): Promise<CertificateVerdict> {
  const look = () =>
    verifyCertificate(raw, { authorities: authorities.issuers(), purpose: 'client', nowMs: clock.nowMs() })
  const first = look()
  if (first.ok || first.code !== 'certificate_untrusted' || !(await authorities.isNews())) return first
  return look()
}

/** Throws where the device may be heard, and may be given nothing. */
export function refuseQuarantined({ status }: Pick<DeviceTable, 'status'>): void {
  if (status === 'quarantined') throw problem('device_quarantined')
  if (status === 'wiping') throw problem('device_revoked', 'the device is being wiped')
}

/**
 * The quick way, which a storm of devices takes: TLS has judged the certificate, and it is the very one that is on record for the device. So
 * neither its signature nor its key need to be looked at again. Anything else goes the long way, which also says what is wrong.
 */
async function findByKeptCertificate(hub: Hub, shown: X509Certificate): Promise<IdentityVerdict | undefined> {
  const id = DeviceId.safeParse(/^CN=(.+)$/m.exec(shown.subject)?.[1])
  const device = id.success ? await findDeviceById(hub.store.db, id.data) : undefined
  const notAfterMs = device?.certificate_not_after_ms ?? 0
  if (!device || isRefused(device.status) || notAfterMs < hub.clock.nowMs()) return undefined
  const fingerprint = shown.fingerprint256.replaceAll(':', '').toLowerCase()
  return fingerprint === device.certificate_fingerprint ? { ok: true, device, notAfterMs } : undefined
}

const refuse = (code: Extract<IdentityVerdict, { ok: false }>['code'], message: string): IdentityVerdict => ({
  ok: false,
  code,
  message,
})
