/** Join device: from a token's secret and a request for a certificate to a device, by whatever door they came in. */
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
import { type Applicant, addDevice, letExpectedIn, type Wish } from './add-device.ts'
import { admissionFor } from './admission.ts'
import { isInNetworks } from './networks.ts'
import { isOriginOld, keepOrigin } from './origin-store.ts'

/** What joining is told of the request that it answers. */
export type JoinCall = Pick<OpenCall, 'hub' | 'source' | 'trail'>

export type Joined = { device: DeviceTable; publicKeyPem: string }

/** The device that the request's key is, or becomes. Throws where it may not. */
export async function joinDevice(call: JoinCall, input: Wish & { secret: string; csr: string }): Promise<Joined> {
  const token = await tokenOf(call, input.secret)
  const checked = await checkRequest(input.csr)
  if (!checked.ok) return throwProblem(checked)
  const { publicKeyPem } = checked
  const applicant = { token, input, publicKeyPem, publicKeyHash: hashPublicKey(publicKeyPem) }
  return { device: await admit(call, applicant), publicKeyPem }
}

async function tokenOf({ hub, source, trail }: JoinCall, secret: string): Promise<TokenRow> {
  const token = await findTokenBySecret(hub.store.db, hashSecret(secret))
  if (!token) {
    refuseGuesser(hub, { source, identity: presentedSecret(secret) }, 'token_refused')
    throw problem('token_refused')
  }
  trail.organisationId = token.organisation_id
  trail.actor = { kind: 'anonymous', id: token.id, name: '' }
  await requireOpen(hub.store.db, token.organisation_id)
  if (isInNetworks(source, fromJson(token.networks))) return token
  // Answered like any other token that does not count: whoever found one learns nothing.
  hub.log.warn('join_from_elsewhere', { token: token.id, source })
  throw problem('token_refused')
}

/** One that is new is looked for again inside: two requests of one device meet there. */
async function admit(call: JoinCall, applicant: Applicant): Promise<DeviceTable> {
  const { hub } = call
  const { token, publicKeyHash, publicKeyPem } = applicant
  const find = (db: Db) => findDeviceByKey(db, token.organisation_id, publicKeyHash)
  const known = await find(hub.store.db)
  if (known) return greetKnown(call, applicant, known)
  const id = hub.ids.device()
  // Made before the transaction and kept in it, so that a device that joins waits for the disk once.
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

/** A device that asks again: nothing changes, but that people see when it did; or that it need not wait any more. */
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
    // In here it is as everybody sees it: somebody may just have removed it, or decided.
    const current = await findDeviceByKey(tx, token.organisation_id, applicant.publicKeyHash)
    if (current?.status !== 'pending') return current ?? device
    await keepOrigin(tx, asked)
    return letExpectedIn(tx, call, applicant, current)
  })
  if (now.status !== 'pending') hub.bus.publish('device.changed', device.id)
  checkKnown(now, token, nowMs)
  return now
}

/** A device may come back with the token it joined with, even when that has ended since: its first answer may have got lost. */
function checkKnown(device: DeviceTable, token: TokenRow, nowMs: number): void {
  if (device.status === 'revoked' && device.certificate_pem === null) throw problem('join_denied')
  if (isRefused(device.status) || device.status === 'wiping') throw problem('device_revoked')
  const isOwn = device.join_token_id === token.id
  if (!isOwn && (token.revoked_at_ms !== null || token.expires_at_ms <= nowMs)) throw problem('token_refused')
}
