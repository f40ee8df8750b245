/**
 * Procedure of rejoining: a new certificate for a device whose old one ended while it was away. It shows the old certificate and a request
 * that is signed by the same key; without the key, neither is of use, nor is the answer.
 */
import { DeviceId } from '@skerry/contract/values/ids'
import { isRefused } from '@skerry/core/devices/quarantine'
import { lapseVerdict } from '@skerry/core/joining/join-admission'
import { parseCertificate, publicKeyOf, verifyCertificate } from '@skerry/platform/certificates/certificate'
import { checkRequest } from '@skerry/platform/certificates/certificate-authority'
import { signCertificateReply } from '@skerry/platform/certificates/certificate-reply'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { appendAudit } from '../audit/audit-store.ts'
import { makeCertificate, recordCertificate } from '../devices/device-certificate.ts'
import { findDeviceById } from '../devices/device-store.ts'
import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import type { OpenCall } from '../http/call.ts'
import { openOs } from '../http/implementer.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { presentedSecret } from '../keys/key-secret.ts'
import { refuseQuarantined } from '../link/device-identity.ts'
import { requireOpen } from '../organisations/organisation-state.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { readJoiningRules } from './joining-rules.ts'

export const rejoinHandler = openOs.device.rejoin.handler(async ({ context, input }) => {
  const { hub } = context
  const shown = await shownDevice(context, input.certificate)
  const { device } = shown
  const checked = await checkRequest(input.csr)
  if (!checked.ok) return throwProblem(checked)
  if (hashPublicKey(checked.publicKeyPem) !== device.public_key_hash) {
    throw problem('csr_invalid', 'the request has another key than the device; join again to change the key')
  }
  hub.devicePacer.admit(device.id, 'rejoin')
  const certificate = await freshCertificate(context, { ...shown, publicKeyPem: checked.publicKeyPem })
  return signCertificateReply(input.csr, { certificate, hubTimeMs: hub.clock.nowMs() }, hub.signing)
})

type Shown = { device: DeviceTable; notAfterMs: number }

/** The device that the certificate was given to, whenever it ended. Throws where it may not have another. */
async function shownDevice(call: OpenCall, certificatePem: string): Promise<Shown> {
  const { hub, trail } = call
  const authorities = hub.authorities.issuers()
  const { notAfterMs = 0 } = parseCertificate(certificatePem) ?? {}
  const whileItCounted = Math.min(notAfterMs, hub.clock.nowMs())
  const verdict = verifyCertificate(certificatePem, { authorities, purpose: 'client', nowMs: whileItCounted })
  if (!verdict.ok) return refuseCertificate(call, certificatePem, verdict.message)
  const id = DeviceId.safeParse(verdict.certificate.commonName)
  const device = id.success ? await findDeviceById(hub.store.db, id.data) : undefined
  if (!device || hashPublicKey(publicKeyOf(certificatePem)) !== device.public_key_hash) {
    return refuseCertificate(call, certificatePem, 'this hub knows no such device; join it again')
  }
  trail.organisationId = device.organisation_id
  trail.actor = { kind: 'device', id: device.id, name: device.name }
  return { device, notAfterMs }
}

function refuseCertificate({ hub, source }: OpenCall, certificatePem: string, message: string): never {
  refuseGuesser(hub, { source, identity: presentedSecret(certificatePem) }, 'certificate_invalid')
  throw problem('certificate_invalid', message)
}

/** The one it has while that is fresh: the answer to the first asking may have got lost, and a request that is sent again gives nothing new. */
async function freshCertificate(
  { hub, source }: OpenCall,
  { device, notAfterMs, publicKeyPem }: Shown & { publicKeyPem: string },
): Promise<string> {
  const nowMs = hub.clock.nowMs()
  // Whoever was away may know none but the oldest; over the link it hears of the others.
  const certificatePem = await makeCertificate(hub, device, publicKeyPem, hub.authorities.oldest())
  const kept = await hub.store.transaction(async (tx) => {
    const current = await findDeviceById(tx, device.id)
    if (!current || isRefused(current.status)) throw problem('device_revoked')
    refuseQuarantined(current)
    await requireOpen(tx, current.organisation_id)
    if (current.certificate_pem !== null && (current.certificate_not_after_ms ?? 0) > nowMs)
      return current.certificate_pem
    const { lapsedDaysMax } = await readJoiningRules(tx, device.organisation_id)
    const verdict = lapseVerdict({ notAfterMs, nowMs, lapsedDaysMax })
    if (!verdict.ok) return throwProblem(verdict)
    await recordCertificate(tx, { device, certificatePem, source, nowMs })
    await appendAudit(tx, {
      organisationId: device.organisation_id,
      atMs: nowMs,
      actor: { kind: 'device', id: device.id, name: device.name },
      action: 'device.rejoin',
      object: { kind: 'device', id: device.id },
      source,
      result: 'ok',
      detail: { name: device.name, endedAtMs: notAfterMs },
    })
    return certificatePem
  })
  hub.bus.publish('device.noted', device.id)
  return kept
}
