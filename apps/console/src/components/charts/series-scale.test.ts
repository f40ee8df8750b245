import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundsOf, DAY_MS, gapOf, gapsOf, numberTicks, runsOf, type SeriesPoint, timeTicks } from './series-scale.ts'

const point = (atMs: number, value?: number): SeriesPoint =>
  value === undefined
    ? { atMs, count: 1, bad: 1 }
    : { atMs, count: 1, bad: 0, min: value - 1, mean: value, max: value + 1 }

const startsOf = (points: readonly SeriesPoint[], gapMs: number) =>
  runsOf(points, gapMs).map((run) => run.map(({ atMs }) => atMs))

test('a line breaks at a long gap and at a bad value', () => {
  const points = [...[0, 10, 20, 80, 90].map((atMs) => point(atMs, 5)), point(100), point(110, 5)]
  expect(startsOf(points, gapOf(points, 10))).toEqual([[0, 10, 20], [80, 90], [110]])
  expect(gapsOf(points, { fromMs: 0, toMs: 200 }, gapOf(points, 10), 10)).toEqual([
    { fromMs: 30, toMs: 80 },
    { fromMs: 120, toMs: 200 },
  ])
})

test('a value that arrives less often than once per chart bucket leaves no gap', () => {
  const points = Array.from({ length: 60 }, (_, minute) => point(minute * 60_000, minute))
  const gapMs = gapOf(points, 15_000)
  expect(startsOf(points, gapMs)).toHaveLength(1)
  expect(gapsOf(points, { fromMs: 0, toMs: 3_600_000 }, gapMs, 15_000)).toEqual([])
})

test('a chart without values is one gap', () => {
  expect(gapsOf([], { fromMs: 5, toMs: 500 }, gapOf([], 10), 10)).toEqual([{ fromMs: 5, toMs: 500 }])
  expect(boundsOf([point(0)])).toBeUndefined()
})

test('a constant value is drawn in the middle of the chart', () => {
  expect(boundsOf([{ ...point(0), min: 0, mean: 0, max: 0 }])).toEqual({ low: -1, high: 1 })
  expect(boundsOf([{ ...point(0), min: 4, mean: 4, max: 4 }])).toEqual({ low: 2, high: 6 })
})

test.each([
  [0, 100, 4, [0, 50, 100]],
  [-0.3, 0.31, 4, [-0.2, 0, 0.2]],
  [1e300, 2e300, 2, [1e300, 1.5e300, 2e300]],
])('axis marks from %d to %d, about %d of them, are round numbers', (low, high, about, ticks) => {
  expect(numberTicks(low, high, about)).toEqual(ticks)
})

test('numeric axes have at most eight finite marks, in ascending order', () => {
  const any = fc.double({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(any, any, (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a]
      const ticks = numberTicks(low, high, 4)
      expect(ticks.length).toBeLessThanOrEqual(8)
      expect(ticks).toEqual(ticks.toSorted((x, y) => x - y))
      expect(ticks.every((tick) => Number.isFinite(tick))).toBe(true)
    }),
  )
})

test('a week has one mark per local day, and an hour has round minutes', () => {
  const offsetMs = 2 * 3_600_000
  const week = timeTicks({ fromMs: 10.5 * DAY_MS, toMs: 17.5 * DAY_MS }, 8, offsetMs)
  expect(week.stepMs).toBe(DAY_MS)
  expect(week.ticks).toHaveLength(7)
  expect(week.ticks.every((tick) => (tick + offsetMs) % DAY_MS === 0)).toBe(true)
  expect(timeTicks({ fromMs: 0, toMs: 3_600_000 }, 8, 0).stepMs).toBe(10 * 60_000)
})
