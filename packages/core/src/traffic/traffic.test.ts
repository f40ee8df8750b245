/** Traffic: requests are neither lost nor invented, however counters begin anew and times are divided. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addTraffic, bucketsOf, latencyAt, NO_TRAFFIC, portionOf, shortLatency, type TrafficCounts } from './counts.ts'
import { growthOf, type NewCounters } from './growth.ts'
import { DAY_MS, FLEET_STEP_MS, HOUR_MS, partsOf } from './parts.ts'
import { axisOf, trafficPoints, versionTraffic } from './points.ts'

const count = fc.integer({ min: 0, max: 1_000_000 })
const traffic = fc
  .record({ answered: count, failures: count, dropped: count, latency: fc.array(count, { maxLength: 129 }) })
  .map(
    ({ answered, failures, dropped, latency }): TrafficCounts => ({
      requests: answered + failures,
      failures,
      dropped,
      latency,
    }),
  )
const sumOf = (all: readonly TrafficCounts[]) => all.reduce(addTraffic, NO_TRAFFIC)
const trimmed = ({ latency, ...rest }: TrafficCounts) => ({ ...rest, latency: shortLatency(latency) })

/** Answered in 8 to 9.5 µs, which is bucket 13. */
const some = (requests: number, failures = 0): TrafficCounts => ({
  requests,
  failures,
  dropped: 0,
  latency: [...new Array(13).fill(0), requests - failures],
})

const report = (changes: Partial<NewCounters> = {}): NewCounters => ({
  version: 1,
  bootId: 'a',
  restarts: 0,
  atMs: 10 * HOUR_MS,
  sinceMs: 0,
  counts: some(100, 4),
  ...changes,
})
const later = (changes: Partial<NewCounters> = {}) => report({ atMs: 10 * HOUR_MS + 300_000, ...changes })

describe('growth between two reports', () => {
  test('the same counters are the difference, and a repeated report adds nothing', () => {
    const [grown, ...others] = growthOf(report(), later({ counts: some(150, 5) }))
    expect(others).toEqual([])
    expect(grown).toMatchObject({ version: 1, fromMs: 10 * HOUR_MS, toMs: 10 * HOUR_MS + 300_000 })
    expect(grown && trimmed(grown.counts)).toEqual(trimmed(some(50, 1)))
    expect(growthOf(report(), report())).toEqual([])
  })

  test('counters that began anew are taken whole: by the start of the agent, or by a lower count', () => {
    expect(growthOf(report(), later({ bootId: 'b', counts: some(150, 5) }))[0]?.counts).toEqual(some(150, 5))
    expect(growthOf(report(), later({ counts: some(7) }))[0]?.counts).toEqual(some(7))
  })

  test('after an end of the runner, requests go on and latencies begin anew', () => {
    const counts = { ...some(150, 5), latency: bucketsOf({ first: 13, counts: [99] }) }
    const [grown] = growthOf(report(), later({ restarts: 1, counts }))
    expect(grown?.counts).toEqual({ ...some(50, 1), latency: counts.latency })
  })

  test('the last requests to a version that was replaced count for it, without latencies', () => {
    const replaced = { version: 1, counts: { requests: 130, failures: 9, dropped: 2 } }
    const grown = growthOf(report(), later({ version: 2, counts: some(20), replaced }))
    const last = { requests: 30, failures: 5, dropped: 2, latency: [] }
    expect(grown.map(({ version, counts }) => [version, counts])).toEqual([
      [1, last],
      [2, some(20)],
    ])
    const other = { ...replaced, version: 3 }
    expect(growthOf(report(), later({ version: 2, replaced: other })).map(({ version }) => version)).toEqual([2])
  })

  test('the first report counts if the version has just begun, and not if nobody knows when requests were made', () => {
    const atMs = 10 * HOUR_MS
    expect(growthOf(undefined, report({ sinceMs: atMs - 60_000 }))).toEqual([
      { version: 1, fromMs: atMs - 60_000, toMs: atMs, counts: some(100, 4) },
    ])
    expect(growthOf(undefined, report({ sinceMs: atMs - DAY_MS }))).toEqual([])
    expect(growthOf(undefined, report({ sinceMs: atMs + 1 })), 'a clock that is fast').toEqual([])
  })
})

describe('parts of the clock', () => {
  test('add up to the whole, in whole numbers, with no part of more failures than requests', () => {
    fc.assert(
      fc.property(
        traffic,
        fc.nat({ max: 30 * DAY_MS }),
        fc.integer({ min: 1, max: 60 * DAY_MS }),
        (counts, from, length) => {
          const parts = partsOf({ version: 1, fromMs: from, toMs: from + length, counts }, FLEET_STEP_MS)
          expect(trimmed(sumOf(parts.map((part) => part.counts)))).toEqual(trimmed(counts))
          for (const { startMs, stepMs, counts: part } of parts) {
            expect(startMs % stepMs).toBe(0)
            expect(part.failures).toBeLessThanOrEqual(part.requests)
            expect([part.requests, part.failures, part.dropped, ...part.latency].every((each) => each >= 0)).toBe(true)
          }
          expect(parts.length).toBeLessThan(60 + 2 * (23 + 12) + 2)
        },
      ),
      { numRuns: 200 },
    )
  })

  test('an absence has whole days and hours, between the short parts at its ends', () => {
    const fromMs = 20 * DAY_MS + 23 * HOUR_MS + 55 * 60_000
    const toMs = 22 * DAY_MS + HOUR_MS + 120_000
    const parts = partsOf({ version: 1, fromMs, toMs, counts: some(3_000) }, FLEET_STEP_MS)
    expect(parts.map(({ startMs, stepMs }) => [startMs - 20 * DAY_MS, stepMs])).toEqual([
      [DAY_MS - 300_000, 300_000],
      [DAY_MS, DAY_MS],
      [2 * DAY_MS, HOUR_MS],
      [2 * DAY_MS + HOUR_MS, 300_000],
    ])
  })
})

describe('points of a chart', () => {
  const nowMs = 400 * DAY_MS + 12 * HOUR_MS + 30 * 60_000

  test('sum the parts of versions and of devices; percentiles are those of all requests', () => {
    const axis = axisOf('week', FLEET_STEP_MS, nowMs)
    expect(axis).toEqual({ fromMs: nowMs + 1_800_000 - 7 * DAY_MS, toMs: nowMs + 1_800_000, stepMs: HOUR_MS })
    const startMs = axis.fromMs + 5 * HOUR_MS
    const fast = { version: 1, startMs, stepMs: 300_000, counts: some(96, 2), slowest: { device: 'a', p95Us: 9 } }
    const counts = { ...some(6), latency: [...new Array(40).fill(0), 6] }
    const slow = {
      version: 2,
      startMs: startMs + 900_000,
      stepMs: 900_000,
      counts,
      slowest: { device: 'b', p95Us: 900 },
    }
    const points = trafficPoints([fast, slow], axis, nowMs)
    const figures = { requests: 102, failures: 2, dropped: 0, p50Us: 9, p95Us: 939 }
    expect(points).toEqual([{ startMs, endMs: startMs + HOUR_MS, ...figures, slowest: { device: 'b', p95Us: 900 } }])
    expect(versionTraffic([fast, slow], axis).map(({ version, requests }) => [version, requests])).toEqual([
      [2, 6],
      [1, 96],
    ])
  })

  test('a part that is longer than a point is spread over its points, and only those on the axis', () => {
    const axis = axisOf('day', FLEET_STEP_MS, nowMs)
    const day = { version: 1, startMs: axis.fromMs - 12 * HOUR_MS - 1_500_000, stepMs: DAY_MS, counts: some(28_800) }
    const startMs = day.startMs - (day.startMs % DAY_MS)
    const points = trafficPoints([{ ...day, startMs }], axis, nowMs)
    const inside = (startMs + DAY_MS - axis.fromMs) / FLEET_STEP_MS
    expect(points).toHaveLength(inside)
    expect(new Set(points.map(({ requests }) => requests))).toEqual(new Set([100]))
  })

  test('the newest points are open, because devices still report their requests', () => {
    const axis = axisOf('day', FLEET_STEP_MS, nowMs)
    const rows = [2, 1, 0].map((back) => ({
      version: 1,
      startMs: nowMs - back * 300_000,
      stepMs: 300_000,
      counts: some(1),
    }))
    expect(trafficPoints(rows, axis, nowMs + 60_000).map(({ isOpen }) => isOpen)).toEqual([true, true, true])
    expect(trafficPoints(rows, axis, nowMs + 200_000).map(({ isOpen }) => isOpen)).toEqual([undefined, true, true])
  })
})

test('a percentile from buckets is within 9.1 % of the exact one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2, max: 60_000_000 }), { minLength: 1, maxLength: 300 }), (all) => {
      const buckets: number[] = new Array(129).fill(0)
      for (const us of all) {
        const at = Math.ceil(Math.log2(us) * 4)
        buckets[at] = (buckets[at] ?? 0) + 1
      }
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(0.95 * all.length) - 1] ?? 0
      const found = latencyAt(bucketsOf(shortLatency(buckets)), 0.95) ?? 0
      // A rounded microsecond besides.
      expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.091 + 0.5)
    }),
  )
  expect(latencyAt([], 0.5)).toBeUndefined()
})

test('shares of a whole begin and end exactly', () => {
  expect(portionOf(some(3, 1), 0, 1)).toEqual(some(3, 1))
  expect(portionOf(some(3, 1), 0, 0)).toEqual({ ...some(0), latency: new Array(14).fill(0) })
})
