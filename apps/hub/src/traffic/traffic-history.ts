/** Traffic history: merges old parts into longer ones, and removes the oldest, so that a year of a model stays small. */
import { DAY_MS, DEVICE_STEP_MS, FLEET_STEP_MS, HOUR_MS, TRAFFIC_AGE_MAX_MS } from '@skerry/core/traffic/parts'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'
import type { Tx } from '../store/store.ts'
import type { TrafficPartTable } from '../store/tables/traffic/traffic-tables.ts'
import { addParts, partIn } from './part-store.ts'

/** Some 20 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 200

/**
 * A chart of a day has the shortest parts, and one of a week has hours. The sums of all devices are few, so that they
 * stay exact for as long as those of monitors.
 */
const ROLL_UPS: readonly Omit<Merging, 'beforeMs'>[] = [
  { isFleet: true, fromMs: FLEET_STEP_MS, stepMs: HOUR_MS, ageMs: 7 * DAY_MS },
  { isFleet: true, fromMs: HOUR_MS, stepMs: DAY_MS, ageMs: 30 * DAY_MS },
  { isFleet: false, fromMs: DEVICE_STEP_MS, stepMs: HOUR_MS, ageMs: 2 * DAY_MS },
  { isFleet: false, fromMs: HOUR_MS, stepMs: DAY_MS, ageMs: 8 * DAY_MS },
]

type SweptHub = Pick<Hub, 'store' | 'clock' | 'signal'>

/** Returns the number of parts that were merged or removed. */
export async function sweepHistory({ store, clock, signal }: SweptHub): Promise<number> {
  const nowMs = clock.nowMs()
  let swept = 0
  const repeat = async (work: (tx: Tx) => Promise<number>) => {
    for (;;) {
      signal.throwIfAborted()
      const count = await store.transaction(work)
      swept += count
      if (count < ROWS_AT_ONCE) return
    }
  }
  for (const rollUp of ROLL_UPS) {
    const oldMs = nowMs - rollUp.ageMs
    // A longer part is complete before it is written, as a rule.
    const beforeMs = oldMs - (oldMs % rollUp.stepMs)
    await repeat((tx) => mergeParts(tx, { ...rollUp, beforeMs }))
  }
  await repeat((tx) => removeParts(tx, nowMs - TRAFFIC_AGE_MAX_MS))
  return swept
}

/** `fromMs`: the length of the merged parts. */
type Merging = { isFleet: boolean; fromMs: number; stepMs: number; ageMs: number; beforeMs: number }

async function mergeParts(tx: Tx, { isFleet, fromMs, stepMs, beforeMs }: Merging): Promise<number> {
  const rows = await tx
    .selectFrom('traffic_parts')
    .selectAll()
    .where('step_ms', '=', fromMs)
    .where('start_ms', '<', beforeMs)
    .where('device_id', isFleet ? '=' : '<>', '')
    .orderBy('start_ms')
    .limit(ROWS_AT_ONCE)
    .execute()
  for (const { device_id, organisation_id, model, start_ms, step_ms, version } of rows)
    await tx
      .deleteFrom('traffic_parts')
      .where((eb) => eb.and({ device_id, organisation_id, model, start_ms, step_ms, version }))
      .execute()
  await addParts(
    tx,
    rows.map(partIn).map((part) => ({ ...part, startMs: part.startMs - (part.startMs % stepMs), stepMs })),
  )
  return rows.length
}

async function removeParts(tx: Tx, beforeMs: number): Promise<number> {
  const { rows } = await sql<Pick<TrafficPartTable, 'version'>>`
    delete from traffic_parts where (device_id, organisation_id, model, start_ms, step_ms, version) in (
      select device_id, organisation_id, model, start_ms, step_ms, version from traffic_parts
      where step_ms = ${DAY_MS} and start_ms < ${beforeMs} limit ${ROWS_AT_ONCE}
    ) returning version`.execute(tx)
  return rows.length
}
