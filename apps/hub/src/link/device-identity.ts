/** Device identity: which device a TLS connection belongs to, by its client certificate. */
import type { X509Certificate } from 'node:crypto'
import type { ErrorCode } from '@skerry/contract/errors'
import { DeviceId } from '@skerry/contract/ids'
import { verifyCertificate } from '@skerry/platform/certificate'
import { findDeviceById } from '../devices/device-store.ts'
import { hashPublicKey } from '../devices/public-key-hash.ts'
import type { Hub } from '../hub.ts'
import type { DeviceTable } from '../store/foundation-tables.ts'

/** What is asked of a TLS socket. */
export type PeerSocket = { getPeerX509Certificate(): X509Certificate | undefined }

export type IdentityVerdict =
  | { ok: true; device: DeviceTable; notAfterMs: number }
  | {
      ok: false
      code: Extract<ErrorCode, 'certificate_missing' | 'certificate_invalid' | 'device_revoked'>
      message: string
    }

/**
 * The device whose certificate the peer has shown. TLS has proved that the peer holds the key; here it is judged whether the certificate is
 * ours, counts now, and is for the key that the device joined with. So a removed or revoked device is out at once, without any list.
 */
export async function identifyDevice(hub: Hub, socket: PeerSocket): Promise<IdentityVerdict> {
  const shown = socket.getPeerX509Certificate()
  if (!shown) return refuse('certificate_missing', 'show the certificate that this hub gave the device')
  const authorities = [hub.authority.certificatePem]
  const verdict = verifyCertificate(shown.raw, { authorities, purpose: 'client', nowMs: hub.clock.nowMs() })
  if (!verdict.ok) return refuse('certificate_invalid', verdict.message)
  const id = DeviceId.safeParse(verdict.certificate.commonName)
  const device = id.success ? await findDeviceById(hub.store.db, id.data) : undefined
  if (!device || device.public_key_hash !== hashPublicKey(shown.publicKey)) {
    return refuse('certificate_invalid', 'this hub knows no such device; join it again')
  }
  if (device.status === 'revoked')
    return refuse('device_revoked', 'the device has been revoked; remove it and join it again')
  return { ok: true, device, notAfterMs: verdict.certificate.notAfterMs }
}

const refuse = (code: Extract<IdentityVerdict, { ok: false }>['code'], message: string): IdentityVerdict => ({
  ok: false,
  code,
  message,
})
