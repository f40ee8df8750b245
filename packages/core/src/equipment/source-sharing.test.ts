import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  needOf,
  placeForSource,
  SHARED_TAGS_MAX,
  SHARED_VALUES_PER_SECOND_MAX,
  SHARING_MAX,
  type SourceNeed,
} from './source-sharing.ts'

const need = (more: Partial<SourceNeed> = {}): SourceNeed => ({
  protocol: 'modbus',
  tags: 10,
  valuesPerSecond: 10,
  everyMs: 1_000,
  ...more,
})

test('what a source needs is read from its groups', () => {
  const groups = [
    { everyMs: 100, tags: [1, 2] },
    { everyMs: 2_000, tags: [1, 2, 3, 4] },
  ]
  expect(needOf({ protocol: 's7', groups })).toEqual({ protocol: 's7', tags: 6, valuesPerSecond: 22, everyMs: 100 })
})

test.each([
  ['the first that has room', need(), [[need()], [need()]], 0],
  ['none is there', need(), [], -1],
  ['another protocol', need(), [[need({ protocol: 's7' })], [need()]], 1],
  ['as many as may', need(), [Array.from({ length: SHARING_MAX }, () => need())], -1],
  ['too many tags', need(), [[need({ tags: SHARED_TAGS_MAX })]], -1],
  ['too many values', need(), [[need({ valuesPerSecond: SHARED_VALUES_PER_SECOND_MAX })]], -1],
  ['one that is quick goes alone', need({ everyMs: 50 }), [[need()]], -1],
  ['and nobody joins it', need(), [[need({ everyMs: 50 })]], -1],
  ['pictures go alone', need({ protocol: 'camera' }), [[need({ protocol: 'camera' })]], -1],
])('%s', (_, one, threads, place) => {
  expect(placeForSource(one, threads)).toBe(place)
})

test('whatever comes, no thread has more than it bears, unless it has one source only', () => {
  const needs = fc.record({
    protocol: fc.constantFrom('modbus', 's7', 'camera'),
    tags: fc.integer({ min: 1, max: SHARED_TAGS_MAX * 2 }),
    valuesPerSecond: fc.integer({ min: 1, max: SHARED_VALUES_PER_SECOND_MAX * 2 }),
    everyMs: fc.integer({ min: 10, max: 2_000 }),
  })
  fc.assert(
    fc.property(fc.array(needs, { maxLength: 60 }), (all) => {
      const threads: SourceNeed[][] = []
      for (const one of all) {
        const place = placeForSource(one, threads)
        if (place === -1) threads.push([one])
        else threads[place]?.push(one)
      }
      for (const shared of threads.filter(({ length }) => length > 1)) {
        expect(shared.length).toBeLessThanOrEqual(SHARING_MAX)
        expect(shared.reduce((sum, { tags }) => sum + tags, 0)).toBeLessThanOrEqual(SHARED_TAGS_MAX)
        expect(new Set(shared.map(({ protocol }) => protocol)).size).toBe(1)
        expect(Math.min(...shared.map(({ everyMs }) => everyMs))).toBeGreaterThanOrEqual(100)
      }
    }),
  )
})
