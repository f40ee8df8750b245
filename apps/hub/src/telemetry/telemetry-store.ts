/**
 * Telemetry store: queries on the values of a device. Each query is about one device, so that other devices do not add
 * to its cost.
 */

import { TELEMETRY_ROWS_MAX, type TelemetryBucket, type TelemetrySignal } from '@skerry/contract/hub/telemetry'
import type { DeviceId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Db } from '../store/store.ts'
import type { TelemetrySignalTable } from '../store/tables/telemetry-tables.ts'

/** Sorted by name, after the last name of the page before. */
export async function listSignals(
  db: Db,
  { deviceId, limit, after }: { deviceId: DeviceId; limit: number; after: string | undefined },
): Promise<TelemetrySignal[]> {
  const rows = await db
    .selectFrom('telemetry_signals')
    .selectAll()
    .where('device_id', '=', deviceId)
    .$if(after !== undefined, (select) => select.where('signal', '>', after ?? ''))
    .orderBy('signal')
    .limit(limit)
    .execute()
  return rows.map(signalOf)
}

const signalOf = (row: TelemetrySignalTable): TelemetrySignal => ({
  signal: row.signal,
  values: row.count,
  newestAtMs: row.newest_at_ms,
  newestQuality: row.newest_quality,
  ...(row.unit === null ? {} : { unit: row.unit }),
  ...(row.source === null ? {} : { source: row.source }),
  ...(row.tag === null ? {} : { tag: row.tag }),
  ...(row.newest_number === null ? {} : { newestNumber: row.newest_number }),
  ...(row.newest_text === null ? {} : { newestText: row.newest_text }),
})

export type SeriesQuery = { deviceId: DeviceId; signal: string; fromMs: number; toMs: number; bucketMs: number }

type BucketRow = {
  bucket: number
  count: number
  bad: number
  min: number | null
  mean: number | null
  max: number | null
}

/** In buckets, oldest first; `rows` is the number of values that were read. */
export async function readSeries(db: Db, query: SeriesQuery): Promise<{ buckets: TelemetryBucket[]; rows: number }> {
  const { deviceId, signal, fromMs, toMs, bucketMs } = query
  const { rows } = await sql<BucketRow>`
    select cast((at_ms - ${fromMs}) / ${bucketMs} as bigint) as bucket, count(*) as count,
      sum(case when quality = 'bad' then 1 else 0 end) as bad,
      min(number) as min, avg(number) as mean, max(number) as max
    from (
      select at_ms, number, quality from telemetry
      where device_id = ${deviceId} and signal = ${signal} and at_ms >= ${fromMs} and at_ms < ${toMs}
      order by at_ms limit ${TELEMETRY_ROWS_MAX}
    ) as looked_at
    group by bucket order by bucket`.execute(db)
  const buckets = rows.map(({ bucket, count, bad, min, mean, max }) => ({
    atMs: fromMs + Number(bucket) * bucketMs,
    count: Number(count),
    bad: Number(bad),
    ...(min === null || mean === null || max === null ? {} : { min, mean, max }),
  }))
  return { buckets, rows: buckets.reduce((sum, { count }) => sum + count, 0) }
}
