/** Renew certificate: a new one for a device that has shown its old one, for the same key. */

import type { DeviceId } from '@skerry/contract/values/ids'
import { isRefused } from '@skerry/core/devices/quarantine'
import { checkRequest } from '@skerry/platform/certificates/certificate-authority'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { problem, throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { type CertificateWish, issueCertificate } from './device-certificate.ts'
import { findDeviceById } from './device-store.ts'

export type Renewal = Pick<CertificateWish, 'source' | 'by'> & { deviceId: DeviceId; csr: string }

/** The certificate (PEM). */
export async function renewCertificate(hub: Hub, { deviceId, csr, source, by }: Renewal): Promise<string> {
  const checked = await checkRequest(csr)
  if (!checked.ok) return throwProblem(checked)
  const device = await findDeviceById(hub.store.db, deviceId)
  if (!device || isRefused(device.status) || device.status === 'wiping') throw problem('device_revoked')
  if (hashPublicKey(checked.publicKeyPem) !== device.public_key_hash) {
    throw problem('csr_invalid', 'the request has another key than the device; join again to change the key')
  }
  return issueCertificate(hub, { device, publicKeyPem: checked.publicKeyPem, source, by })
}
