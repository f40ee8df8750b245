/** Member store: the devices of rollouts as rows, and the changes of many rows at once that core asks for. */
import type { DeviceId, OrganisationId, RolloutId } from '@skerry/contract/ids'
import type { ItemReport } from '@skerry/contract/item'
import type { Outcome, RolloutDevice } from '@skerry/contract/rollout'
import { assertNever } from '@skerry/core/assert-never'
import type { MemberChange, MemberChoice } from '@skerry/core/rollout'
import type { ExpressionBuilder } from 'kysely'
import { itemOf } from '../devices/device-store.ts'
import type { RolloutMemberTable } from '../store/deployment-tables.ts'
import type { Db, Tables, Tx } from '../store/store.ts'

type Rollout = { id: RolloutId; organisation_id: OrganisationId }

/** Rows that one statement may carry: SQLite binds 32,766 values at most, and a row has nine. */
const ROWS_PER_INSERT = 1_000

/** Adds rows. */
export async function insertMembers(tx: Tx, rows: readonly RolloutMemberTable[]): Promise<void> {
  for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
    await tx
      .insertInto('rollout_members')
      .values(rows.slice(start, start + ROWS_PER_INSERT))
      .execute()
  }
}

/** The device's row; undefined where the rollout does not have the device. */
export function findMember(db: Db, rolloutId: RolloutId, deviceId: DeviceId): Promise<RolloutMemberTable | undefined> {
  return db
    .selectFrom('rollout_members')
    .selectAll()
    .where('rollout_id', '=', rolloutId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
}

/** Removes the device's row. */
export async function deleteMember(tx: Tx, rolloutId: RolloutId, deviceId: DeviceId): Promise<void> {
  await tx.deleteFrom('rollout_members').where('rollout_id', '=', rolloutId).where('device_id', '=', deviceId).execute()
}

/** Carries the change out, and says how many rows that was. Rows that begin to be offered are queued for rendering. */
export async function changeMembers(tx: Tx, rollout: Rollout, change: MemberChange, nowMs: number): Promise<number> {
  const { wave, from, to, which } = change
  const { numUpdatedRows } = await tx
    .updateTable('rollout_members')
    .set({ outcome: to, ...(to === 'offered' ? { offered_at_ms: nowMs } : { decided_at_ms: nowMs }) })
    .where('organisation_id', '=', rollout.organisation_id)
    .where('rollout_id', '=', rollout.id)
    .where('wave', '=', wave)
    .where('outcome', '=', from)
    .where((eb) => isMeant(eb, which, nowMs))
    .executeTakeFirstOrThrow()
  if (to === 'offered' && numUpdatedRows > 0) {
    await queueMembers(tx, rollout, { wave, outcomes: ['offered'], offeredAtMs: nowMs })
  }
  return Number(numUpdatedRows)
}

function isMeant(eb: ExpressionBuilder<Tables, 'rollout_members'>, which: MemberChoice, nowMs: number) {
  switch (which.kind) {
    case 'all':
      return eb.lit(true)
    case 'device':
      return eb('device_id', '=', which.deviceId)
    case 'offered-until':
      return eb('offered_at_ms', '<=', which.atMs)
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

type Queued = { wave?: number; outcomes: readonly Outcome[]; offeredAtMs?: number }

/** Has the documents of these members derived again. */
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
  /** Devices after this name. */
  after?: string | undefined
  outcome?: Outcome | undefined
}

/** One page of a rollout's devices by name, with what they last said of its model. */
export async function listMembers(db: Db, query: MemberQuery): Promise<RolloutDevice[]> {
  const rows = await db
    .selectFrom('rollout_members')
    .innerJoin('rollouts', 'rollouts.id', 'rollout_members.rollout_id')
    .innerJoin('devices', 'devices.id', 'rollout_members.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select([
      'rollouts.deployment_id',
      'rollout_members.device_id',
      'devices.name as device',
      'sites.name as site',
      'rollout_members.wave',
      'rollout_members.outcome',
      'rollout_members.offered_at_ms',
      'rollout_members.decided_at_ms',
    ])
    .where('rollout_members.organisation_id', '=', query.organisationId)
    .where('rollout_members.rollout_id', '=', query.rolloutId)
    .$if(query.after !== undefined, (select) => select.where('devices.name', '>', query.after ?? ''))
    .$if(query.outcome !== undefined, (select) =>
      select.where('rollout_members.outcome', '=', query.outcome ?? 'waiting'),
    )
    .orderBy('devices.name')
    .limit(query.limit)
    .execute()
  const items = await itemsOfDevices(db, rows)
  return rows.map((row) => {
    const item = items.get(row.device_id)
    return {
      deviceId: row.device_id,
      device: row.device,
      site: row.site,
      wave: row.wave,
      outcome: row.outcome,
      ...(item ? { state: item.state, ...(item.cause ? { cause: item.cause } : {}) } : {}),
      ...(row.offered_at_ms === null ? {} : { offeredAtMs: row.offered_at_ms }),
      ...(row.decided_at_ms === null ? {} : { decidedAtMs: row.decided_at_ms }),
    }
  })
}

type Row = { deployment_id: string; device_id: DeviceId }

async function itemsOfDevices(db: Db, rows: readonly Row[]): Promise<Map<DeviceId, ItemReport>> {
  if (rows.length === 0) return new Map()
  const ids = rows.map(({ device_id }) => device_id)
  const found = await db.selectFrom('device_items').selectAll().where('device_id', 'in', ids).execute()
  const mine = found.filter((item) => rows.some(({ deployment_id }) => deployment_id === item.deployment_id))
  return new Map(mine.map((item) => [item.device_id, itemOf(item)]))
}
