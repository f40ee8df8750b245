/** Join device: makes a device from a token's secret and a certificate request, for each way of joining. */
import { isRefused } from '@skerry/core/devices/quarantine'
import { checkRequest } from '@skerry/platform/certificates/certificate-authority'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import { makeCertificate } from '../devices/device-certificate.ts'
import { findDeviceByKey } from '../devices/device-store.ts'
import { refuseGuesser } from '../http/admission/caller-limiter.ts'
import type { OpenCall } from '../http/call.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { hashSecret, presentedSecret } from '../keys/key-secret.ts'
import { requireOpen } from '../organisations/organisation-state.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { findTokenBySecret, type TokenRow } from '../tokens/token-store.ts'
import { type Applicant, addDevice, type JoinWish, letExpectedIn } from './add-device.ts'
import { admissionFor } from './admission.ts'
import { isInNetworks } from './networks.ts'
import { isOriginOld, keepOrigin } from './origin-store.ts'

/** The part of the request's context that joining needs. */
export type JoinCall = Pick<OpenCall, 'hub' | 'source' | 'trail'>

export type Joined = { device: DeviceTable; publicKeyPem: string }

/** The device of the request's key, found or created. Throws if it may not join. */
export async function joinDevice(call: JoinCall, input: JoinWish & { secret: string; csr: string }): Promise<Joined> {
  const token = await tokenOfSecret(call, input.secret)
  const checked = await checkRequest(input.csr)
  if (!checked.ok) return throwProblem(checked)
  const { publicKeyPem } = checked
  const applicant = { token, input, publicKeyPem, publicKeyHash: hashPublicKey(publicKeyPem) }
  return { device: await admit(call, applicant), publicKeyPem }
}

/** The join token of the secret. Throws, and counts the guess, if there is none that may be used from here. */
export async function tokenOfSecret({ hub, source, trail }: JoinCall, secret: string): Promise<TokenRow> {
  const token = await findTokenBySecret(hub.store.db, hashSecret(secret))
  if (!token) {
    refuseGuesser(hub, { source, identity: presentedSecret(secret) }, 'token_refused')
    throw problem('token_refused')
  }
  trail.organisationId = token.organisation_id
  trail.actor = { kind: 'anonymous', id: token.id, name: '' }
  await requireOpen(hub.store.db, token.organisation_id)
  if (isInNetworks(source, fromJson(token.networks))) return token
  // The same answer as for any other invalid token, so that a person who found one learns nothing.
  hub.log.warn('join_from_elsewhere', { token: token.id, source })
  throw problem('token_refused')
}

/** The transaction looks for a new device again, because two requests of one device may run at once. */
async function admit(call: JoinCall, applicant: Applicant): Promise<DeviceTable> {
  const { hub } = call
  const { token, publicKeyHash, publicKeyPem } = applicant
  const find = (db: Db) => findDeviceByKey(db, token.organisation_id, publicKeyHash)
  const known = await find(hub.store.db)
  if (known) return greetKnown(call, applicant, known)
  const id = hub.ids.device()
  // Made before the transaction and stored in it, so that a joining device waits for the disk only once.
  const { status } = await admissionFor(hub.store.db, applicant)
  const isCertified = status === 'active' && token.uses < token.uses_max
  const certificatePem = isCertified
    ? await makeCertificate(hub, { id, organisation_id: token.organisation_id }, publicKeyPem)
    : undefined
  const device = await hub.store.transaction(
    async (tx) => (await find(tx)) ?? addDevice(tx, call, applicant, { id, certificatePem }),
  )
  hub.bus.publish('device.changed', device.id)
  return device
}

/**
 * A repeated request of a known device. It changes only the time of the request, unless an announcement now lets the
 * device in.
 */
async function greetKnown(call: JoinCall, applicant: Applicant, device: DeviceTable): Promise<DeviceTable> {
  const { hub, source } = call
  const { token, input } = applicant
  const nowMs = hub.clock.nowMs()
  checkKnown(device, token, nowMs)
  if (device.status !== 'pending') return device
  const asked = { device, input, source, nowMs }
  const { expected } = await admissionFor(hub.store.db, applicant)
  if (!expected && !(await isOriginOld(hub.store.db, asked))) return device
  const now = await hub.store.transaction(async (tx) => {
    // Read again in the transaction: a person may just have removed the device, or decided on it.
    const current = await findDeviceByKey(tx, token.organisation_id, applicant.publicKeyHash)
    if (current?.status !== 'pending') return current ?? device
    await keepOrigin(tx, asked)
    return letExpectedIn(tx, call, applicant, current)
  })
  if (now.status !== 'pending') hub.bus.publish('device.changed', device.id)
  checkKnown(now, token, nowMs)
  return now
}

/**
 * A device may come back with the token it joined with, even if that has ended since, because its first answer may have
 * been lost.
 */
function checkKnown(device: DeviceTable, token: TokenRow, nowMs: number): void {
  if (device.status === 'revoked' && device.certificate_pem === null) throw problem('join_denied')
  if (isRefused(device.status) || device.status === 'wiping') throw problem('device_revoked')
  const isOwn = device.join_token_id === token.id
  if (!isOwn && (token.revoked_at_ms !== null || token.expires_at_ms <= nowMs)) throw problem('token_refused')
}
