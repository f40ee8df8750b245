/**
 * Add device: the records of a computer that becomes a device, or that is accepted because a person has announced it.
 */

import type { JoinRequest } from '@skerry/contract/joining/join'
import type { AuthorityId, DeviceId } from '@skerry/contract/values/ids'
import { appendAudit } from '../audit/audit-store.ts'
import { recordCertificate } from '../devices/device-certificate.ts'
import { insertDevice } from '../devices/device-store.ts'
import { appendEvents } from '../devices/event-store.ts'
import type { OpenCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { requireDeviceRoom } from '../organisations/quota.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import { type TokenRow, takeUse } from '../tokens/token-store.ts'
import { admissionFor } from './admission.ts'
import { type ExpectedRow, takeExpected } from './expected-store.ts'
import { freeName } from './free-name.ts'
import { keepOrigin } from './origin-store.ts'

/** The joining device's description of itself. */
export type JoinWish = Pick<JoinRequest, 'name' | 'serial'> & { inventory: Pick<JoinRequest['inventory'], Said> }
type Said = 'hostname' | 'os' | 'arch' | 'cpuModel'

export type Applicant = { token: TokenRow; input: JoinWish; publicKeyPem: string; publicKeyHash: string }

/** `certificatePem` was made in advance, and may not be needed. */
type NewIdentity = { id: DeviceId; certificatePem: string | undefined }

/** Adds the device, pending or active. */
export async function addDevice(
  tx: Tx,
  call: Pick<OpenCall, 'hub' | 'source'>,
  applicant: Applicant,
  { id, certificatePem }: NewIdentity,
): Promise<DeviceTable> {
  const { hub, source } = call
  const { token, input } = applicant
  const nowMs = hub.clock.nowMs()
  if (!(await takeUse(tx, token.id, nowMs))) throw problem('token_refused')
  await requireDeviceRoom(tx, token.organisation_id)
  const { status, expected } = await admissionFor(tx, applicant)
  const wish = { ...input, ...(expected?.name != null && { name: expected.name }) }
  const name = await freeName(tx, { organisationId: token.organisation_id, input: wish, ids: hub.ids })
  const shown = hub.authorities.active().id
  const row = rowOf(applicant, { id, status, expected, name, nowMs, shown })
  await insertDevice(tx, row)
  if (expected) await takeExpected(tx, { id: expected.id, deviceId: id, nowMs })
  await keepOrigin(tx, { device: row, input, source, nowMs })
  const site = expected?.site ?? token.site
  const joined = { kind: 'joined', site, isPending: status === 'pending' } as const
  await appendEvents(tx, { device: row, atMs: nowMs, changes: [joined] })
  await appendAudit(tx, {
    organisationId: token.organisation_id,
    atMs: nowMs,
    actor: { kind: 'device', id, name },
    action: 'device.join',
    object: { kind: 'device', id },
    source,
    result: 'ok',
    detail: {
      name,
      site,
      token: token.id,
      status,
      ...saidOf(applicant),
      ...(expected && { expected: expected.id }),
    },
  })
  if (certificatePem === undefined || status === 'pending') return row
  await recordCertificate(tx, { device: row, certificatePem, source, nowMs })
  return { ...row, certificate_pem: certificatePem }
}

const saidOf = ({ publicKeyHash: keyFingerprint, input: { serial, inventory } }: Applicant) => ({
  keyFingerprint,
  hostname: inventory.hostname,
  ...(serial !== undefined && { serial }),
})

type NewRow = Pick<DeviceTable, 'id' | 'status' | 'name'> & {
  expected: ExpectedRow | undefined
  nowMs: number
  shown: AuthorityId
}

const rowOf = (
  { token, publicKeyHash }: Applicant,
  { id, status, expected, name, nowMs, shown }: NewRow,
): DeviceTable => ({
  id,
  organisation_id: token.organisation_id,
  site_id: expected?.site_id ?? token.site_id,
  name,
  labels: expected ? toJson({ ...fromJson(token.labels), ...fromJson(expected.labels) }) : token.labels,
  revision: 1,
  status,
  public_key_hash: publicKeyHash,
  certificate_pem: null,
  certificate_serial: null,
  certificate_fingerprint: null,
  certificate_not_after_ms: null,
  shown_authority: shown,
  join_token_id: token.id,
  generation: 0,
  resumed_generation: null,
  resumed_digest: null,
  created_at_ms: nowMs,
  facts: null,
})

/**
 * Accepts a pending device that a person has announced; returns its new state. It keeps its name, because people may
 * have seen it.
 */
export async function letExpectedIn(
  tx: Tx,
  { hub, source }: Pick<OpenCall, 'hub' | 'source'>,
  applicant: Applicant,
  device: DeviceTable,
): Promise<DeviceTable> {
  const nowMs = hub.clock.nowMs()
  const { expected } = await admissionFor(tx, applicant)
  if (!expected || !(await takeExpected(tx, { id: expected.id, deviceId: device.id, nowMs }))) return device
  const labels = toJson({ ...fromJson(device.labels), ...fromJson(expected.labels) })
  const change = { status: 'active', site_id: expected.site_id, labels, revision: device.revision + 1 } as const
  await tx.updateTable('devices').set(change).where('id', '=', device.id).execute()
  await appendEvents(tx, { device, atMs: nowMs, changes: [{ kind: 'approved', by: expected.created_by }] })
  await appendAudit(tx, {
    organisationId: device.organisation_id,
    atMs: nowMs,
    actor: { kind: 'hub', id: '', name: 'hub' },
    action: 'device.approve',
    object: { kind: 'device', id: device.id },
    source,
    result: 'ok',
    detail: { name: device.name, site: expected.site, expected: expected.id, ...saidOf(applicant) },
  })
  return { ...device, ...change }
}
