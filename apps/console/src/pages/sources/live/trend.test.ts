import type { TagValue } from '@skerry/contract/sources/tag'
import { expect, test } from 'vitest'
import type { HeardValues } from './live-rows.ts'
import { TREND_MS, type Trends, trendBounds, trendLines, trendsAfter, vectorOf } from './trend.ts'

type Told = Pick<Extract<TagValue, { quality: 'good' }>, 'value'> | undefined

const heard = (told: Told, atMs: number): HeardValues => ({
  ageMs: 0,
  heardAtMs: atMs,
  reading: {
    value: told
      ? { tag: 'speed', receivedTimeMs: atMs, quality: 'good', ...told }
      : { tag: 'speed', receivedTimeMs: atMs, quality: 'bad', cause: { code: 'source_lost', message: 'gone' } },
  },
})

const after = (before: Trends, told: Told, atMs: number) =>
  trendsAfter(before, new Map([['speed', heard(told, atMs)]]), atMs)

test('each new value adds a point, an old one adds none, and points of earlier minutes go', () => {
  const one = after(new Map(), { value: 3 }, 1_000)
  const again = trendsAfter(one, new Map([['speed', heard({ value: 3 }, 1_000)]]), 2_000)
  expect(again.get('speed')).toEqual([{ atMs: 1_000, value: 3 }])
  const two = after(again, { value: true }, 3_000)
  expect(two.get('speed')?.map(({ value }) => value)).toEqual([3, 1])
  expect(
    after(two, { value: 5 }, TREND_MS + 2_000)
      .get('speed')
      ?.map(({ value }) => value),
  ).toEqual([1, 5])
})

test('a bad value makes a gap, and a text makes no trend', () => {
  const trends = after(after(after(new Map(), { value: 0 }, 0), undefined, 1_000), { value: 10 }, 2_000)
  const points = trends.get('speed') ?? []
  expect(trendLines(points, { width: TREND_MS / 1_000, height: 10, nowMs: 2_000 })).toEqual(['298.0,10.0', '300.0,0.0'])
  expect(trendBounds(points)).toEqual({ low: 0, high: 10 })
  expect(after(new Map(), { value: 'open' }, 0).size).toBe(0)
})

test('a vector of numbers is one, and any other value is none', () => {
  expect(vectorOf(heard({ value: [1, 2.5, 3] }, 0))).toEqual([1, 2.5, 3])
  expect([vectorOf(heard({ value: ['a'] }, 0)), vectorOf(heard({ value: 3 }, 0)), vectorOf(undefined)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})
