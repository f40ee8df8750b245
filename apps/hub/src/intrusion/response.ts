/**
 * Response: what the hub does by itself about a finding, where the organisation has switched that on, and how it is taken back. An owner is
 * never locked out: who could then let anybody back in?
 */

import type { Intrusion, IntrusionRuleView } from '@skerry/contract/intrusion/intrusion'
import { DeviceId, type IntrusionId, KeyId, type OrganisationId } from '@skerry/contract/values/ids'
import { statusAfterRelease } from '@skerry/core/devices/quarantine'
import { rolesOf } from '@skerry/core/people/access'
import { type DeviceRow, findDevice, setStatus } from '../devices/device-store.ts'
import { appendEvents } from '../devices/event-store.ts'
import type { Hub } from '../hub.ts'
import { callerOf } from '../keys/key-ring.ts'
import { findKey } from '../keys/key-store.ts'
import { fromJson } from '../store/json-column.ts'
import type { Tx } from '../store/store.ts'
import type { IntrusionTable } from '../store/tables/intrusion-tables.ts'

/** Whom the bus is told of once it is kept. */
export type Effect = { organisationId?: OrganisationId; keyId?: KeyId; deviceId?: DeviceId }

export type Responded = { state: Intrusion['response']['state']; effects: Effect[] }

const NOTHING: Responded = { state: 'none', effects: [] }

type Found = {
  organisationId: OrganisationId
  id: IntrusionId
  subject: Intrusion['subject']
  rule: IntrusionRuleView
  /** Stands with the finding, too: by it an answer is known again when it is taken back. */
  nowMs: number
}

/** Does it, says that it would have, or does nothing. */
export async function respond(tx: Tx, found: Found): Promise<Responded> {
  const { rule, subject } = found
  const fits = rule.action === 'lock-key' ? subject.kind === 'key' : subject.kind === 'device'
  if (!rule.action || !fits || rule.response === 'none') return NOTHING
  if (rule.response === 'dry-run') return { state: 'would', effects: [] }
  return rule.action === 'lock-key' ? lockKey(tx, found) : quarantine(tx, found)
}

async function lockKey(tx: Tx, { subject, nowMs }: Found): Promise<Responded> {
  const keyId = KeyId.parse(subject.id)
  const row = await findKey(tx, keyId)
  if (!row || row.revoked_at_ms !== null) return NOTHING
  if (rolesOf(callerOf(row)).includes('owner')) return { state: 'refused', effects: [] }
  await tx.updateTable('keys').set({ revoked_at_ms: nowMs }).where('id', '=', keyId).execute()
  return { state: 'done', effects: [{ keyId }] }
}

async function quarantine(tx: Tx, { organisationId, subject, rule, id, nowMs }: Found): Promise<Responded> {
  const row = await findDevice(tx, organisationId, subject.id)
  if (!row || !['active', 'conflict-paused'].includes(row.status)) return NOTHING
  await setStatus(tx, row.id, 'quarantined')
  const reason = `intrusion detection: ${rule.means} (${id})`
  const changes = [{ kind: 'quarantined' as const, by: 'hub', reason }]
  await appendEvents(tx, { device: row, atMs: nowMs, changes })
  return { state: 'done', effects: [{ deviceId: row.id }] }
}

/** Takes it back; undefined where there is nothing to take back, or somebody has done more since. */
export async function undo(
  hub: Hub,
  tx: Tx,
  row: IntrusionTable,
  { by, reason }: { by: string; reason: string },
): Promise<Effect | undefined> {
  if (row.response_state !== 'done' || row.responded_at_ms === null) return undefined
  if (row.subject_kind === 'key') return unlockKey(tx, KeyId.parse(row.subject_id), row.responded_at_ms)
  const device = await findDevice(tx, row.organisation_id, row.subject_id)
  if (device?.status !== 'quarantined') return undefined
  return release(hub, tx, device, { by, reason })
}

async function unlockKey(tx: Tx, keyId: KeyId, lockedAtMs: number): Promise<Effect | undefined> {
  const { numUpdatedRows } = await tx
    .updateTable('keys')
    .set({ revoked_at_ms: null })
    .where('id', '=', keyId)
    .where('revoked_at_ms', '=', lockedAtMs)
    .executeTakeFirst()
  return Number(numUpdatedRows) === 0 ? undefined : { keyId }
}

async function release(hub: Hub, tx: Tx, device: DeviceRow, { by, reason }: { by: string; reason: string }) {
  const conditions = device.conditions === null ? [] : fromJson(device.conditions)
  await setStatus(tx, device.id, statusAfterRelease(conditions.map(({ code }) => code)))
  const changes = [{ kind: 'released' as const, by, reason }]
  await appendEvents(tx, { device, atMs: hub.clock.nowMs(), changes })
  return { deviceId: DeviceId.parse(device.id) }
}

/** Once it is kept: so that a locked key counts for nothing at once, on all hubs. */
export function tellEffects({ bus }: Pick<Hub, 'bus'>, effects: readonly Effect[]): void {
  for (const { organisationId, keyId, deviceId } of effects) {
    if (organisationId) bus.publish('audit.appended', organisationId)
    if (keyId) bus.publish('key.changed', keyId)
    if (deviceId) bus.publish('device.changed', deviceId)
  }
}
