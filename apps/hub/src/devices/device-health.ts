/** Device health from records: the marks of many devices' items, counted by the database, and the resulting status. */
import type { DeviceHealth } from '@skerry/contract/devices/device'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { type HealthFacts, healthOf, type ItemMarks, SETTLED } from '@skerry/core/devices/device-health'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import type { DeviceReportTable, DeviceTable } from '../store/tables/foundation-tables.ts'
import { livenessOf } from './liveness.ts'

const NONE: ItemMarks = { isBroken: false, isFallenBack: false, isMoving: false }

/** Ids in one query; SQLite takes 32,766 parameters, PostgreSQL twice that. */
const IDS_MAX = 10_000

/** A device and the health fields of its newest report. The reported fields are null before the first report. */
export type HealthRow = Pick<DeviceTable, 'id' | 'status' | 'generation'> & {
  [Column in 'last_seen_at_ms' | 'stale_at_ms' | 'observed_generation' | 'conditions']: DeviceReportTable[Column] | null
}

/** The health of each device. */
export async function healthByDevice(
  db: Db,
  organisationId: OrganisationId,
  rows: readonly HealthRow[],
  nowMs: number,
): Promise<Map<DeviceId, DeviceHealth>> {
  const health = new Map<DeviceId, DeviceHealth>()
  for (let start = 0; start < rows.length; start += IDS_MAX) {
    const part = rows.slice(start, start + IDS_MAX)
    const marks = await itemMarks(
      db,
      organisationId,
      part.map(({ id }) => id),
    )
    for (const row of part) health.set(row.id, healthOf(healthFactsOf(row, marks.get(row.id) ?? NONE, nowMs)))
  }
  return health
}

/** The facts of core's decision about the health. */
export const healthFactsOf = (row: HealthRow, items: ItemMarks, nowMs: number): HealthFacts => ({
  status: row.status,
  liveness: livenessOf(row, nowMs),
  generation: row.generation,
  observedGeneration: row.observed_generation ?? 0,
  hasConditions: row.conditions !== null && fromJson(row.conditions).length > 0,
  items,
})

async function itemMarks(db: Db, organisationId: OrganisationId, ids: readonly DeviceId[]) {
  const rows = await db
    .selectFrom('device_items')
    .select(['device_id', 'state'])
    .select(({ fn }) => [fn.count<number>('serving_version').as('serving'), fn.countAll<number>().as('count')])
    .where('organisation_id', '=', organisationId)
    .where('device_id', 'in', ids)
    .groupBy(['device_id', 'state'])
    .execute()
  const marks = new Map<DeviceId, ItemMarks>()
  for (const { device_id, state, serving, count } of rows) {
    const before = marks.get(device_id) ?? NONE
    const isFailed = state === 'failed'
    marks.set(device_id, {
      isBroken: before.isBroken || (isFailed && serving < count),
      isFallenBack: before.isFallenBack || (isFailed && serving > 0),
      isMoving: before.isMoving || !SETTLED.includes(state),
    })
  }
  return marks
}
