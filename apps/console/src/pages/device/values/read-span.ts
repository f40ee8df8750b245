/** Read span: a signal over a time, asked for in pieces where it has more values than the hub looks at for one answer. */
import type { TelemetryBucket, TelemetrySeries } from '@skerry/contract/hub/telemetry'
import type { SpanName } from '../../../search.ts'

const HOUR_MS = 3_600_000

/** What a chart is as wide as. */
const PARTS = 240

/** Five times what the hub looks at for one answer: a week of a value each second fits, and nobody waits for more. */
const ASKS_MAX = 5

/** Each is so many whole milliseconds a part. */
export const SPANS: Readonly<Record<SpanName, number>> = {
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
}

export type Parts = { fromMs: number; toMs: number; partMs: number }

export type SpanRead = Parts & {
  buckets: readonly TelemetryBucket[]
  /** Up to here it was looked at; before `toMs` where there was too much of it. */
  readToMs: number
}

/** Up to the end of the part that is going on: so parts stay where they are from one answer to the next. */
export function partsOf(span: SpanName, nowMs: number): Parts {
  const partMs = SPANS[span] / PARTS
  const toMs = (Math.floor(nowMs / partMs) + 1) * partMs
  return { fromMs: toMs - SPANS[span], toMs, partMs }
}

type Asked = { fromMs: number; toMs: number; buckets: number }

/** Each answer that is cut is gone on from where its last part began, which it may have half of. */
export async function readSpan(ask: (asked: Asked) => Promise<TelemetrySeries>, parts: Parts): Promise<SpanRead> {
  const { toMs, partMs } = parts
  const buckets: TelemetryBucket[] = []
  let readToMs = parts.fromMs
  for (let asks = 0; asks < ASKS_MAX; asks += 1) {
    const series = await ask({ fromMs: readToMs, toMs, buckets: Math.round((toMs - readToMs) / partMs) })
    const last = series.buckets.at(-1)
    if (!series.isCut || !last) return { ...parts, buckets: [...buckets, ...series.buckets], readToMs: toMs }
    buckets.push(...series.buckets.slice(0, -1))
    // One part alone has more values than that.
    if (last.atMs === readToMs) break
    readToMs = last.atMs
  }
  return { ...parts, buckets, readToMs }
}
