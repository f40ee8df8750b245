/** Window sweep: removes the windows that are older than a month, and merges sums into hours and days. */
import { type RawBuilder, sql } from 'kysely'
import type { Hub } from '../hub.ts'
import { rollUpSums } from './history/roll-up.ts'

/** As for telemetry: longer belongs into a database for it. */
const DAY_MS = 86_400_000
const AGE_MAX_MS = 30 * DAY_MS

/** A year and a month: a season can be compared with the one before. Sums of days have some MB then. */
const SUM_AGE_MAX_MS = 400 * DAY_MS

/** A verdict compares a few hours of windows, and a chart of a week has points of more than half an hour. */
const ROLL_UPS = [
  { stepMs: 3_600_000, ageMs: 7 * DAY_MS },
  { stepMs: DAY_MS, ageMs: AGE_MAX_MS },
]

/** Some 20 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 1_000

/** The windows of devices, and the sums of all of them. Returns the number of removed ones. */
export async function sweepWindows(hub: Pick<Hub, 'store' | 'clock' | 'signal'>): Promise<number> {
  const nowMs = hub.clock.nowMs()
  const beforeMs = nowMs - AGE_MAX_MS
  for (const { stepMs, ageMs } of ROLL_UPS)
    await rollUpSums(hub, { table: 'monitor_sums', stepMs, beforeMs: nowMs - ageMs })
  const windows = await sweepTable(
    hub,
    () => sql<{ rows: number }>`
      delete from monitor_windows where (device_id, stream, lane, sequence) in (
        select device_id, stream, lane, sequence from monitor_windows where end_ms < ${beforeMs} limit ${ROWS_AT_ONCE}
      ) returning rows`,
  )
  const sums = await sweepTable(
    hub,
    () => sql<{ rows: number }>`
      delete from monitor_sums where (organisation_id, model, start_ms, version, profile) in (
        select organisation_id, model, start_ms, version, profile from monitor_sums
        where end_ms < ${nowMs - SUM_AGE_MAX_MS} limit ${ROWS_AT_ONCE}
      ) returning rows`,
  )
  await hub.store.transaction((tx) =>
    sql`delete from monitor_dropped where day < ${Math.floor(beforeMs / DAY_MS)}`.execute(tx),
  )
  return windows + sums
}

/**
 * The sums of cohorts, which are kept and merged as those of all devices are. There are up to 200 times as many: this
 * runs less often.
 */
export async function sweepCohorts(hub: Pick<Hub, 'store' | 'clock' | 'signal'>): Promise<number> {
  const nowMs = hub.clock.nowMs()
  for (const { stepMs, ageMs } of ROLL_UPS)
    await rollUpSums(hub, { table: 'monitor_cohort_sums', stepMs, beforeMs: nowMs - ageMs })
  return sweepTable(
    hub,
    () => sql<{ rows: number }>`
      delete from monitor_cohort_sums where (organisation_id, model, start_ms, version, profile, cohort) in (
        select organisation_id, model, start_ms, version, profile, cohort from monitor_cohort_sums
        where end_ms < ${nowMs - SUM_AGE_MAX_MS} limit ${ROWS_AT_ONCE}
      ) returning rows`,
  )
}

/** In pieces, so that others may write between them. */
async function sweepTable(
  { store, signal }: Pick<Hub, 'store' | 'signal'>,
  removal: () => RawBuilder<{ rows: number }>,
): Promise<number> {
  for (let removed = 0; ; ) {
    signal.throwIfAborted()
    const { rows } = await store.transaction((tx) => removal().execute(tx))
    removed += rows.length
    if (rows.length < ROWS_AT_ONCE) return removed
  }
}
