/**
 * Read span: a signal over a time. If it has more values than the hub reads for one answer, the page fetches it in
 * pieces.
 */
import type { TelemetryBucket, TelemetrySeries } from '@skerry/contract/hub/telemetry'
import type { SpanName } from '../../../search.ts'

const HOUR_MS = 3_600_000

/** A chart is this many parts wide. */
const PARTS = 240

/**
 * Five times the values that the hub reads for one answer. A week with one value each second fits, and the wait stays
 * short.
 */
const ASKS_MAX = 5

/** Each span is a whole number of milliseconds a part. */
export const SPANS: Readonly<Record<SpanName, number>> = {
  '1h': HOUR_MS,
  '6h': 6 * HOUR_MS,
  '24h': 24 * HOUR_MS,
  '7d': 7 * 24 * HOUR_MS,
}

export type Parts = { fromMs: number; toMs: number; partMs: number }

export type SpanRead = Parts & {
  buckets: readonly TelemetryBucket[]
  /** The hub read up to here. It is before `toMs` if there were too many values. */
  readToMs: number
}

/** The span ends with the current part, so that parts stay in place from one answer to the next. */
export function partsOf(span: SpanName, nowMs: number): Parts {
  const partMs = SPANS[span] / PARTS
  const toMs = (Math.floor(nowMs / partMs) + 1) * partMs
  return { fromMs: toMs - SPANS[span], toMs, partMs }
}

type Asked = { fromMs: number; toMs: number; buckets: number }

/** If an answer is cut, the next request starts with its last part, because that may be incomplete. */
export async function readSpan(ask: (asked: Asked) => Promise<TelemetrySeries>, parts: Parts): Promise<SpanRead> {
  const { toMs, partMs } = parts
  const buckets: TelemetryBucket[] = []
  let readToMs = parts.fromMs
  for (let asks = 0; asks < ASKS_MAX; asks += 1) {
    const series = await ask({ fromMs: readToMs, toMs, buckets: Math.round((toMs - readToMs) / partMs) })
    const last = series.buckets.at(-1)
    if (!series.isCut || !last) return { ...parts, buckets: [...buckets, ...series.buckets], readToMs: toMs }
    buckets.push(...series.buckets.slice(0, -1))
    // One part alone has more values than the limit.
    if (last.atMs === readToMs) break
    readToMs = last.atMs
  }
  return { ...parts, buckets, readToMs }
}
