import type { TelemetrySeries } from '@skerry/contract/hub/telemetry'
import { expect, test } from 'vitest'
import { SPAN_NAMES } from '../../../search.ts'
import { partsOf, readSpan, SPANS } from './read-span.ts'

/** A hub that looks at so many values for an answer; `values` are instants, in order. */
const hubOf =
  (values: readonly number[], rowsMax: number) =>
  async ({ fromMs, toMs, buckets: count }: { fromMs: number; toMs: number; buckets: number }) => {
    const bucketMs = Math.ceil((toMs - fromMs) / count)
    const looked = values.filter((atMs) => atMs >= fromMs && atMs < toMs).slice(0, rowsMax)
    const counts = new Map<number, number>()
    for (const atMs of looked) {
      const part = fromMs + Math.floor((atMs - fromMs) / bucketMs) * bucketMs
      counts.set(part, (counts.get(part) ?? 0) + 1)
    }
    const buckets = [...counts].map(([atMs, number]) => ({ atMs, count: number, bad: 0 }))
    const series: TelemetrySeries = {
      signal: 's',
      fromMs,
      toMs,
      bucketMs,
      buckets,
      isCut: looked.length >= rowsMax,
    }
    return series
  }

test.each(SPAN_NAMES)('parts of %s are whole milliseconds and stay where they are', (span) => {
  const now = partsOf(span, 1_700_000_000_123)
  const later = partsOf(span, 1_700_000_000_124)
  expect(now).toEqual(later)
  expect(Number.isInteger(now.partMs)).toBe(true)
  expect(now.toMs).toBeGreaterThan(1_700_000_000_123)
  expect(now.toMs - now.fromMs).toBe(SPANS[span])
})

test('what is more than one answer holds is read in pieces, each value once', async () => {
  const values = Array.from({ length: 1_000 }, (_, index) => index)
  const read = await readSpan(hubOf(values, 300), { fromMs: 0, toMs: 1_000, partMs: 40 })
  expect(read.readToMs).toBe(1_000)
  expect(read.buckets).toHaveLength(25)
  expect(read.buckets.every(({ count }) => count === 40)).toBe(true)
})

test('what is more than all answers hold ends where it was read to, and so does a part that no answer holds', async () => {
  const values = Array.from({ length: 1_000 }, (_, index) => index)
  const read = await readSpan(hubOf(values, 100), { fromMs: 0, toMs: 1_000, partMs: 50 })
  expect(read.readToMs).toBeLessThan(1_000)
  expect(read.buckets.reduce((sum, { count }) => sum + count, 0)).toBe(read.readToMs)
  const none = await readSpan(hubOf(values, 10), { fromMs: 0, toMs: 1_000, partMs: 50 })
  expect(none).toEqual({ fromMs: 0, toMs: 1_000, partMs: 50, buckets: [], readToMs: 0 })
})
