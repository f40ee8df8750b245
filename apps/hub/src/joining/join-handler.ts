/** Procedure of joining: the only change that a stranger may make, with a join token's secret instead of a key. */
import type { JoinReply, JoinRequest } from '@skerry/contract/join'
import { isDueForRenewal } from '@skerry/core/certificate-life'
import { parseCertificate } from '@skerry/platform/certificate'
import { checkRequest } from '@skerry/platform/certificate-authority'
import { appendAudit } from '../audit/audit-store.ts'
import { type CertificateWish, issueCertificate } from '../devices/device-certificate.ts'
import { findDeviceByKey, insertDevice } from '../devices/device-store.ts'
import { hashPublicKey } from '../devices/public-key-hash.ts'
import type { OpenCall } from '../http/call.ts'
import { refuseGuesser } from '../http/caller-limiter.ts'
import { openOs } from '../http/implementer.ts'
import { problem, throwProblem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { hashSecret } from '../keys/key-secret.ts'
import type { DeviceTable } from '../store/foundation-tables.ts'
import type { Db, Tx } from '../store/store.ts'
import { findTokenBySecret, type TokenRow, takeUse } from '../tokens/token-store.ts'
import { freeName } from './free-name.ts'

/** A person needs a moment to approve; devices that wait ask twice a minute. */
const PENDING_RETRY_MS = 30_000

export const joinHandler = openOs.device.join.handler(async ({ context, input }): Promise<JoinReply> => {
  const { hub } = context
  const token = await findTokenBySecret(hub.store.db, hashSecret(input.secret))
  if (!token) {
    refuseGuesser(hub, context.source, 'token_refused')
    throw problem('token_refused')
  }
  context.trail.organisationId = token.organisation_id
  context.trail.actor = { kind: 'anonymous', id: token.id, name: '' }
  const checked = await checkRequest(input.csr)
  if (!checked.ok) throwProblem(checked)
  const device = await admit(context, { token, input, publicKeyHash: hashPublicKey(checked.publicKeyPem) })
  return device.status === 'pending' ? pendingReply(device) : joinedReply(context, device, input.csr)
})

type Applicant = { token: TokenRow; input: JoinRequest; publicKeyHash: string }

/** The device that the key is, or becomes. One that is new is looked for again inside: two requests of one device meet there. */
async function admit(call: OpenCall, applicant: Applicant): Promise<DeviceTable> {
  const { hub } = call
  const { token, publicKeyHash } = applicant
  const find = (db: Db) => findDeviceByKey(db, token.organisation_id, publicKeyHash)
  const known = await find(hub.store.db)
  if (known) return checkKnown(known, token, hub.clock.nowMs())
  const device = await hub.store.transaction(async (tx) => (await find(tx)) ?? addDevice(tx, call, applicant))
  hub.bus.publish('device.changed', device.id)
  return device
}

/** A device may come back with the token it joined with, even when that has ended since: its first answer may have got lost. */
function checkKnown(device: DeviceTable, token: TokenRow, nowMs: number): DeviceTable {
  if (device.status === 'revoked') throw problem('device_revoked')
  const isOwn = device.join_token_id === token.id
  if (!isOwn && (token.revoked_at_ms !== null || token.expires_at_ms <= nowMs)) throw problem('token_refused')
  return device
}

async function addDevice(tx: Tx, call: OpenCall, { token, input, publicKeyHash }: Applicant): Promise<DeviceTable> {
  const { hub, source } = call
  const [id, nowMs] = [hub.ids.device(), hub.clock.nowMs()]
  if (!(await takeUse(tx, token.id, nowMs))) throw problem('token_refused')
  const name = await freeName(tx, { organisationId: token.organisation_id, input, ids: hub.ids })
  const row: DeviceTable = {
    id,
    organisation_id: token.organisation_id,
    site_id: token.site_id,
    name,
    labels: token.labels,
    revision: 1,
    status: token.approval === 'auto' ? 'active' : 'pending',
    public_key_hash: publicKeyHash,
    certificate_pem: null,
    certificate_serial: null,
    certificate_fingerprint: null,
    certificate_not_after_ms: null,
    join_token_id: token.id,
    generation: 0,
    resumed_generation: null,
    resumed_digest: null,
    created_at_ms: nowMs,
  }
  await insertDevice(tx, row)
  const detail = { name, site: token.site, token: token.id, status: row.status, hostname: input.inventory.hostname }
  await appendAudit(tx, {
    organisationId: token.organisation_id,
    atMs: nowMs,
    actor: { kind: 'device', id, name },
    action: 'device.join',
    object: { kind: 'device', id },
    source,
    result: 'ok',
    detail,
  })
  return row
}

const pendingReply = ({ id, name }: DeviceTable): JoinReply => ({
  status: 'pending',
  deviceId: id,
  name,
  retryAfterMs: PENDING_RETRY_MS,
})

async function joinedReply({ hub, source }: OpenCall, device: DeviceTable, csr: string): Promise<JoinReply> {
  return {
    status: 'active',
    deviceId: device.id,
    name: device.name,
    certificate: await certificateFor(hub, { device, csr, source }),
    ca: hub.config.caPem,
    trustedKeys: [hub.signing.publicKeyPem],
    hubTimeMs: hub.clock.nowMs(),
  }
}

/** The certificate that the device has while it is fresh, so that asking again changes nothing; else a new one. */
async function certificateFor(hub: Hub, wish: CertificateWish & { device: DeviceTable }): Promise<string> {
  const current = wish.device.certificate_pem
  const life = current === null ? undefined : parseCertificate(current)
  if (current !== null && life && !isDueForRenewal(life, hub.clock.nowMs())) return current
  return issueCertificate(hub, wish)
}
