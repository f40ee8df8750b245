/** Procedure of joining: the only change that a stranger may make, with a join token's secret instead of a key. */
import type { JoinReply } from '@skerry/contract/joining/join'
import { isDueForRenewal } from '@skerry/core/joining/certificate-life'
import { pendingRetryMs } from '@skerry/core/joining/join-admission'
import { parseCertificate } from '@skerry/platform/certificates/certificate'
import { signCertificateReply } from '@skerry/platform/certificates/certificate-reply'
import { type CertificateWish, issueCertificate } from '../devices/device-certificate.ts'
import type { OpenCall } from '../http/call.ts'
import { openOs } from '../http/implementer.ts'
import type { Hub } from '../hub.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { type Joined, joinDevice } from './join-device.ts'

export const joinHandler = openOs.device.join.handler(async ({ context, input }): Promise<JoinReply> => {
  const joined = await joinDevice(context, input)
  if (joined.device.status === 'pending') return pendingReply(context.hub, joined.device)
  return joinedReply(context, joined, input.csr)
})

const pendingReply = (hub: Hub, device: DeviceTable): JoinReply => ({
  status: 'pending',
  deviceId: device.id,
  name: device.name,
  retryAfterMs: retryAfterMs(hub, device),
})

/** When a device that waits is to ask again. */
export const retryAfterMs = ({ clock }: Hub, { created_at_ms }: DeviceTable): number =>
  pendingRetryMs(clock.nowMs() - created_at_ms)

async function joinedReply(
  { hub, source }: OpenCall,
  { device, publicKeyPem }: Joined,
  csr: string,
): Promise<JoinReply> {
  const reply = {
    status: 'active' as const,
    deviceId: device.id,
    name: device.name,
    certificate: await certificateFor(hub, { device, publicKeyPem, source }),
    ca: hub.authorities.roots(),
    trustedKeys: [hub.signing.publicKeyPem],
    hubTimeMs: hub.clock.nowMs(),
  }
  return signCertificateReply(csr, reply, hub.signing)
}

/** The certificate that the device has while it is fresh, so that asking again changes nothing; else a new one. */
export async function certificateFor(hub: Hub, wish: CertificateWish & { device: DeviceTable }): Promise<string> {
  const current = wish.device.certificate_pem
  const life = current === null ? undefined : parseCertificate(current)
  if (current !== null && life && !isDueForRenewal(life, hub.clock.nowMs())) return current
  return issueCertificate(hub, wish)
}
