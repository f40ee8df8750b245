/** Member store: the devices of rollouts as rows, and the changes of many rows at once for core. */

import type { Outcome, RolloutDevice } from '@skerry/contract/rollouts/rollout'
import type { DeviceId, OrganisationId, RolloutId } from '@skerry/contract/values/ids'
import type { MemberChange, MemberChoice } from '@skerry/core/rollouts/member-change'
import { assertNever } from '@skerry/core/values/assert-never'
import type { ExpressionBuilder } from 'kysely'
import { fromJson } from '../store/json-column.ts'
import type { Db, Tables, Tx } from '../store/store.ts'
import type { RolloutMemberTable } from '../store/tables/deployment-tables.ts'
import { raiseSequence } from './engine/member-evidence.ts'
import { nextMembers } from './engine/next-members.ts'
import { raiseRetryTokens } from './retry-tokens.ts'

type Rollout = { id: RolloutId; organisation_id: OrganisationId }

/** Rows in one statement: SQLite binds 32,766 values at most, and a row has twelve. */
const ROWS_PER_INSERT = 1_000

export async function insertMembers(tx: Tx, rows: readonly RolloutMemberTable[]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await tx
      .insertInto('rollout_members')
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .execute()
  }
}

/** The device's row; undefined if the rollout does not have the device. */
export function findMember(db: Db, rolloutId: RolloutId, deviceId: DeviceId): Promise<RolloutMemberTable | undefined> {
  return db
    .selectFrom('rollout_members')
    .selectAll()
    .where('rollout_id', '=', rolloutId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
}

/** Removes the device's row, and returns its last state; undefined if there was none. */
export function deleteMember(
  tx: Tx,
  rolloutId: RolloutId,
  deviceId: DeviceId,
): Promise<Pick<RolloutMemberTable, 'wave' | 'outcome'> | undefined> {
  return tx
    .deleteFrom('rollout_members')
    .where('rollout_id', '=', rolloutId)
    .where('device_id', '=', deviceId)
    .returning(['wave', 'outcome'])
    .executeTakeFirst()
}

/** Applies the change, and returns the number of its rows. Rows that get an offer are queued for rendering. */
export async function changeMembers(tx: Tx, rollout: Rollout, change: MemberChange, nowMs: number): Promise<number> {
  const { wave, to, which, heldUntilMs } = change
  const chosen =
    which.kind === 'next' ? await nextMembers(tx, { ...change, rolloutId: rollout.id, which, nowMs }) : undefined
  if (chosen?.length === 0) return 0
  const changed = await tx
    .updateTable('rollout_members')
    .set((eb) => ({ sequence: nextSequence(eb, rollout.id), ...valuesOf(eb, change, nowMs) }))
    .where('organisation_id', '=', rollout.organisation_id)
    .where('rollout_id', '=', rollout.id)
    .where('wave', '=', wave)
    .where('outcome', '=', change.from)
    .where((eb) => isMeant(eb, { which, chosen, nowMs }))
    .executeTakeFirstOrThrow()
  const rows = Number(changed.numUpdatedRows)
  if (rows === 0) return 0
  const sequence = await raiseSequence(tx, rollout.id)
  if (change.retry?.kind === 'now') await raiseRetryTokens(tx, rollout, sequence)
  if (to === 'offered' && heldUntilMs === undefined)
    await queueMembers(tx, rollout, { wave, outcomes: ['offered'], offeredAtMs: nowMs })
  if (to === 'waiting') await queueMembers(tx, rollout, { wave, outcomes: ['waiting'] })
  return rows
}

type Updating = ExpressionBuilder<Tables, 'rollout_members'>

/** The number that `raiseSequence` assigns later, once it is known that there is a change. */
const nextSequence = (eb: Updating, id: RolloutId) =>
  eb
    .selectFrom('rollouts')
    .where('id', '=', id)
    .select((rollout) => rollout('sequence', '+', 1).as('next'))

/** A tolerated failure keeps the time of its decision. A report from before the new offer is no answer to it. */
function valuesOf(eb: Updating, { to, toWave, retry, heldUntilMs }: MemberChange, nowMs: number) {
  if (heldUntilMs !== undefined) return { held_until_ms: heldUntilMs }
  if (toWave !== undefined) {
    const anew = { offered_at_ms: null, offered_generation: null, decided_at_ms: null, held_until_ms: null }
    return { wave: toWave, outcome: to, ...anew }
  }
  if (retry?.kind === 'later') return { retries: eb('retries', '+', 1), retry_at_ms: retry.atMs }
  const asked = { outcome: to, offered_at_ms: nowMs, held_until_ms: null, retry_at_ms: null }
  if (to === 'offered') return retry ? { ...asked, offered_generation: null, decided_at_ms: null } : asked
  // Reset to a state without an offer, so that the report on the last try does not count for the next one.
  if (to === 'waiting' && retry) {
    return { outcome: to, offered_at_ms: null, offered_generation: null, decided_at_ms: null, retry_at_ms: null }
  }
  return to === 'tolerated' ? { outcome: to } : { outcome: to, decided_at_ms: nowMs, retry_at_ms: null }
}

type Meant = { which: MemberChoice; chosen: readonly DeviceId[] | undefined; nowMs: number }

function isMeant(eb: Updating, { which, chosen = [], nowMs }: Meant) {
  switch (which.kind) {
    case 'all':
      return eb.lit(true)
    case 'device':
      return eb('device_id', '=', which.deviceId)
    case 'next':
      return eb('device_id', 'in', chosen)
    case 'retry-until':
      return eb('retry_at_ms', '<=', which.atMs)
    case 'offered-until':
      return eb.and([eb('retry_at_ms', 'is', null), isOverdue(eb, which)])
    case 'offline':
      return eb.not(
        eb.exists(
          eb
            .selectFrom('device_reports')
            .select('device_reports.device_id')
            .whereRef('device_reports.device_id', '=', 'rollout_members.device_id')
            .where('device_reports.stale_at_ms', '>=', nowMs),
        ),
      )
    default:
      return assertNever(which)
  }
}

/** A hold that ended before the offer does not count. */
const isOverdue = (eb: Updating, { atMs, anywayAtMs }: Extract<MemberChoice, { kind: 'offered-until' }>) =>
  eb.or([
    eb.and([
      eb('offered_at_ms', '<=', atMs),
      eb.or([eb('held_until_ms', 'is', null), eb('held_until_ms', '<=', atMs)]),
    ]),
    eb('offered_at_ms', '<=', anywayAtMs),
  ])

type Queued = { wave?: number; outcomes: readonly Outcome[]; offeredAtMs?: number }

/** Queues the documents of these members. */
export async function queueMembers(tx: Tx, rollout: Rollout, { wave, outcomes, offeredAtMs }: Queued): Promise<void> {
  await tx
    .insertInto('desired_queue')
    .columns(['device_id', 'organisation_id'])
    .expression((eb) =>
      eb
        .selectFrom('rollout_members')
        .select(['device_id', 'organisation_id'])
        .where('rollout_id', '=', rollout.id)
        .where('outcome', 'in', outcomes)
        .$if(wave !== undefined, (select) => select.where('wave', '=', wave ?? 0))
        .$if(offeredAtMs !== undefined, (select) => select.where('offered_at_ms', '=', offeredAtMs ?? 0)),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export type MemberQuery = {
  organisationId: OrganisationId
  rolloutId: RolloutId
  limit: number
  /** Only devices after this name. */
  after?: string | undefined
  outcome?: Outcome | undefined
}

/** One page of a rollout's devices by name. */
export async function listMembers(db: Db, query: MemberQuery): Promise<RolloutDevice[]> {
  const rows = await members(db, query)
    .$if(query.after !== undefined, (select) => select.where('devices.name', '>', query.after ?? ''))
    .$if(query.outcome !== undefined, (select) =>
      select.where('rollout_members.outcome', '=', query.outcome ?? 'waiting'),
    )
    .orderBy('devices.name')
    .limit(query.limit)
    .execute()
  return rows.map(deviceOf)
}

/** A place in the order of the changes; changes with one number are sorted by the device's id. */
export type ChangePlace = { sequence: number; deviceId: string }

export type ChangeQuery = Pick<MemberQuery, 'organisationId' | 'rolloutId' | 'limit'> & { after: ChangePlace }

/** The rows that changed after a place, oldest change first, and the place of the last. */
export async function listChanges(
  db: Db,
  query: ChangeQuery,
): Promise<{ devices: RolloutDevice[]; last: ChangePlace }> {
  const { after } = query
  const rows = await members(db, query)
    // One range of an index in SQLite and PostgreSQL alike.
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('rollout_members.sequence', 'rollout_members.device_id'),
        '>',
        tuple(after.sequence, after.deviceId as DeviceId),
      ),
    )
    .orderBy('rollout_members.sequence')
    .orderBy('rollout_members.device_id')
    .limit(query.limit)
    .execute()
  const last = rows.at(-1)
  return { devices: rows.map(deviceOf), last: last ? { sequence: last.sequence, deviceId: last.device_id } : after }
}

/** The number of devices of the rollout. */
export async function countMembers(db: Db, rolloutId: RolloutId): Promise<number> {
  const { count } = await db
    .selectFrom('rollout_members')
    .innerJoin('devices', 'devices.id', 'rollout_members.device_id')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('rollout_id', '=', rolloutId)
    .executeTakeFirstOrThrow()
  return count
}

/** The rows with the names of their devices, as a base for further queries. */
export const members = (db: Db, { organisationId, rolloutId }: Pick<MemberQuery, 'organisationId' | 'rolloutId'>) =>
  db
    .selectFrom('rollout_members')
    .innerJoin('devices', 'devices.id', 'rollout_members.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select([
      'rollout_members.device_id',
      'devices.name as device',
      'sites.name as site',
      'rollout_members.wave',
      'rollout_members.outcome',
      'rollout_members.state',
      'rollout_members.cause',
      'rollout_members.shadow',
      'rollout_members.retries',
      'rollout_members.retry_at_ms',
      'rollout_members.offered_at_ms',
      'rollout_members.decided_at_ms',
      'rollout_members.sequence',
    ])
    .where('rollout_members.organisation_id', '=', organisationId)
    .where('rollout_members.rollout_id', '=', rolloutId)

type MemberRow = Awaited<ReturnType<ReturnType<typeof members>['execute']>>[number]

/** A row as people see it. */
export const deviceOf = (row: MemberRow): RolloutDevice => ({
  deviceId: row.device_id,
  device: row.device,
  site: row.site,
  wave: row.wave,
  outcome: row.outcome,
  ...(row.state === null ? {} : { state: row.state }),
  ...(row.cause === null ? {} : { cause: fromJson(row.cause) }),
  ...(row.shadow === null ? {} : { shadow: fromJson(row.shadow) }),
  ...(row.retries === 0 ? {} : { retries: row.retries }),
  ...(row.retry_at_ms === null ? {} : { retryAtMs: row.retry_at_ms }),
  ...(row.offered_at_ms === null ? {} : { offeredAtMs: row.offered_at_ms }),
  ...(row.decided_at_ms === null ? {} : { decidedAtMs: row.decided_at_ms }),
})
