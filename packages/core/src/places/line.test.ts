import { expect, test } from 'vitest'
import { type Arrivals, bandwidthOf, type LossLooks, lineOf, lossOf, withLook, withPiece } from './line.ts'

/** A download whose pieces arrive after each other. */
function download(before: Arrivals, { pieces, bytes, everyMs, fromMs = 0 }: Record<string, number>): Arrivals {
  let arrivals = before
  for (let at = 0; at < (pieces ?? 0); at += 1)
    arrivals = withPiece(arrivals, bytes ?? 0, (fromMs ?? 0) + at * (everyMs ?? 0))
  return arrivals
}

test('a download of 2 MB in 1.6 s shows a line of 10 megabits a second', () => {
  const arrivals = download({ rates: [] }, { pieces: 33, bytes: 64_000, everyMs: 50 })
  expect(arrivals.rates).toHaveLength(1)
  expect(arrivals.rates[0]).toBeCloseTo(10.24, 1)
  expect(bandwidthOf(arrivals)).toBe(10)
})

test('small files and pauses say nothing about the line', () => {
  const small = download({ rates: [] }, { pieces: 10, bytes: 64_000, everyMs: 1 })
  expect(bandwidthOf(small)).toBeUndefined()
  const slow = download({ rates: [] }, { pieces: 50, bytes: 64_000, everyMs: 1_500 })
  expect(bandwidthOf(slow)).toBeUndefined()
})

test('the fastest of the newest bursts counts, and an old one is forgotten', () => {
  const fast = download({ rates: [] }, { pieces: 40, bytes: 64_000, everyMs: 5 })
  expect(bandwidthOf(fast)).toBe(100)
  let arrivals = fast
  for (let at = 1; at <= 19; at += 1)
    arrivals = download(arrivals, { pieces: 40, bytes: 64_000, everyMs: 100, fromMs: at * 100_000 })
  expect(bandwidthOf(arrivals)).toBe(100)
  arrivals = download(arrivals, { pieces: 40, bytes: 64_000, everyMs: 100, fromMs: 2_000_000 })
  expect(bandwidthOf(arrivals)).toBe(5)
})

test('a long download gives further rates, so that a line that got slower is noticed', () => {
  const arrivals = download({ rates: [] }, { pieces: 1_300, bytes: 64_000, everyMs: 50 })
  expect(arrivals.rates.length).toBeGreaterThanOrEqual(6)
})

const segments = (rows: Record<string, [sent: number, again: number]>) =>
  new Map(Object.entries(rows).map(([name, [sent, again]]) => [name, { sent, again }]))

test('the loss is the share of segments that were sent again, over all connections', () => {
  let looks: LossLooks = withLook([], new Map(), segments({ a: [100, 0] }))
  expect(lossOf(looks)).toBeUndefined()
  looks = withLook(looks, segments({ a: [100, 0] }), segments({ a: [300, 6], b: [100, 2] }))
  expect(lossOf(looks)).toBe(2)
  // The port of a connection that has ended serves a new one.
  looks = withLook(looks, segments({ a: [300, 6] }), segments({ a: [20, 20] }))
  expect(lossOf(looks)).toBe(10)
})

test('an hour later nothing of a bad moment is left', () => {
  let looks: LossLooks = withLook([], new Map(), segments({ a: [1_000, 500] }))
  expect(lossOf(looks)).toBe(50)
  for (let at = 1; at <= 60; at += 1)
    looks = withLook(looks, segments({ a: [1_000 + 100 * (at - 1), 500] }), segments({ a: [1_000 + 100 * at, 500] }))
  expect(lossOf(looks)).toBe(0)
})

test('unknown facts are absent, and no fact is no line', () => {
  const nothing = { metered: undefined, bandwidthMbps: undefined, lossPercent: undefined }
  expect(lineOf(nothing)).toBeUndefined()
  expect(lineOf({ ...nothing, metered: false, lossPercent: 0 })).toEqual({ metered: false, lossPercent: 0 })
})
