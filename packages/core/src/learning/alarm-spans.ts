/** Alarm spans: the times of alarms, from the values that an alarm flow sends on each change. */
import type { TelemetryBucket } from '@skerry/contract/hub/telemetry'

export type AlarmSpan = { fromMs: number; toMs: number }

type Series = { buckets: readonly Pick<TelemetryBucket, 'atMs' | 'min' | 'max'>[]; bucketMs: number; toMs: number }

/**
 * The oldest first. An alarm lasts until a bucket has a 0 and no later 1. A bucket with both ends an alarm before it, or
 * has a short one in it.
 */
export function alarmSpans({ buckets, bucketMs, toMs }: Series): AlarmSpan[] {
  const spans: AlarmSpan[] = []
  let current: AlarmSpan | undefined
  for (const { atMs, min, max } of buckets) {
    const endMs = Math.min(toMs, atMs + bucketMs)
    if (max === undefined || min === undefined) continue
    if (max >= 1 && !current) {
      current = { fromMs: atMs, toMs: endMs }
      spans.push(current)
    }
    if (current) current.toMs = endMs
    if (min < 1) current = undefined
  }
  // The newest value counts until another one comes.
  if (current) current.toMs = toMs
  return spans
}
