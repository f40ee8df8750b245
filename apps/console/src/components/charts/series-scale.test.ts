import fc from 'fast-check'
import { expect, test } from 'vitest'
import { boundsOf, DAY_MS, gapOf, gapsOf, numberTicks, runsOf, type SeriesPoint, timeTicks } from './series-scale.ts'

const point = (atMs: number, value?: number): SeriesPoint =>
  value === undefined
    ? { atMs, count: 1, bad: 1 }
    : { atMs, count: 1, bad: 0, min: value - 1, mean: value, max: value + 1 }

const startsOf = (points: readonly SeriesPoint[], gapMs: number) =>
  runsOf(points, gapMs).map((run) => run.map(({ atMs }) => atMs))

test('a line ends where nothing came for long, and where what came was bad', () => {
  const points = [...[0, 10, 20, 80, 90].map((atMs) => point(atMs, 5)), point(100), point(110, 5)]
  expect(startsOf(points, gapOf(points, 10))).toEqual([[0, 10, 20], [80, 90], [110]])
  expect(gapsOf(points, { fromMs: 0, toMs: 200 }, gapOf(points, 10), 10)).toEqual([
    { fromMs: 30, toMs: 80 },
    { fromMs: 120, toMs: 200 },
  ])
})

test('what comes less often than the chart has parts has no gaps for that', () => {
  const points = Array.from({ length: 60 }, (_, minute) => point(minute * 60_000, minute))
  const gapMs = gapOf(points, 15_000)
  expect(startsOf(points, gapMs)).toHaveLength(1)
  expect(gapsOf(points, { fromMs: 0, toMs: 3_600_000 }, gapMs, 15_000)).toEqual([])
})

test('where nothing came at all, all of it is a gap', () => {
  expect(gapsOf([], { fromMs: 5, toMs: 500 }, gapOf([], 10), 10)).toEqual([{ fromMs: 5, toMs: 500 }])
  expect(boundsOf([point(0)])).toBeUndefined()
})

test('what never changes stands in the middle', () => {
  expect(boundsOf([{ ...point(0), min: 0, mean: 0, max: 0 }])).toEqual({ low: -1, high: 1 })
  expect(boundsOf([{ ...point(0), min: 4, mean: 4, max: 4 }])).toEqual({ low: 2, high: 6 })
})

test.each([
  [0, 100, 4, [0, 50, 100]],
  [-0.3, 0.31, 4, [-0.2, 0, 0.2]],
  [1e300, 2e300, 2, [1e300, 1.5e300, 2e300]],
])('marks from %d to %d, about %d, are round', (low, high, about, ticks) => {
  expect(numberTicks(low, high, about)).toEqual(ticks)
})

test('marks of numbers are few, within the bounds and in order, whatever the numbers', () => {
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

test('marks of a week are its days by the clock of who looks, and those of an hour round minutes', () => {
  const offsetMs = 2 * 3_600_000
  const week = timeTicks({ fromMs: 10.5 * DAY_MS, toMs: 17.5 * DAY_MS }, 8, offsetMs)
  expect(week.stepMs).toBe(DAY_MS)
  expect(week.ticks).toHaveLength(7)
  expect(week.ticks.every((tick) => (tick + offsetMs) % DAY_MS === 0)).toBe(true)
  expect(timeTicks({ fromMs: 0, toMs: 3_600_000 }, 8, 0).stepMs).toBe(10 * 60_000)
})
