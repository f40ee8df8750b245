/** Window sweep: removes the windows that are older than a month. */
import { type RawBuilder, sql } from 'kysely'
import type { Hub } from '../hub.ts'

/** As for telemetry: longer belongs into a database for it. */
const DAY_MS = 86_400_000
const AGE_MAX_MS = 30 * DAY_MS

/** Some 20 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 1_000

/** Returns the number of removed windows and sums. */
export async function sweepWindows(hub: Pick<Hub, 'store' | 'clock' | 'signal'>): Promise<number> {
  const beforeMs = hub.clock.nowMs() - AGE_MAX_MS
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
        where end_ms < ${beforeMs} limit ${ROWS_AT_ONCE}
      ) returning rows`,
  )
  const parts = await sweepTable(
    hub,
    () => sql<{ rows: number }>`
      delete from monitor_cohort_sums where (organisation_id, model, start_ms, version, profile, cohort) in (
        select organisation_id, model, start_ms, version, profile, cohort from monitor_cohort_sums
        where end_ms < ${beforeMs} limit ${ROWS_AT_ONCE}
      ) returning rows`,
  )
  await hub.store.transaction((tx) =>
    sql`delete from monitor_dropped where day < ${Math.floor(beforeMs / DAY_MS)}`.execute(tx),
  )
  return windows + sums + parts
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
