import { BROWSE_ENTRIES_MAX, BROWSE_LABEL_MAX, type BrowseEntry } from '@skerry/contract/connections/browse-entry'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { levelOf } from './browse-level.ts'

const entry = (path: string, label = path): BrowseEntry => ({ path, label, isFolder: false })

test('going on from the last entry tells each place of a level once, in its order', () => {
  const paths = fc.array(fc.string({ maxLength: 3 }), { maxLength: 60 })
  fc.assert(
    fc.property(paths, fc.integer({ min: 1, max: 7 }), (given, copies) => {
      const entries = given.flatMap((path) => Array.from({ length: copies }, (_, copy) => entry(`${path}/${copy}`)))
      const told: string[] = []
      for (let after: string | undefined; ; after = told.at(-1)) {
        const level = levelOf(entries, after)
        if (!level) throw new Error('lost the place')
        told.push(...level.entries.map(({ path }) => path))
        if (level.omittedCount === 0) break
      }
      expect(told).toEqual([...new Set(entries.map(({ path }) => path))])
    }),
  )
})

test('of many entries the first are told, and how many come after them', () => {
  const entries = Array.from({ length: 2 * BROWSE_ENTRIES_MAX + 1 }, (_, index) => entry(String(index)))
  const first = levelOf(entries, undefined)
  expect([first?.entries.length, first?.omittedCount]).toEqual([BROWSE_ENTRIES_MAX, BROWSE_ENTRIES_MAX + 1])
  const last = levelOf(entries, String(2 * BROWSE_ENTRIES_MAX - 1))
  expect(last).toEqual({ entries: [entry(String(2 * BROWSE_ENTRIES_MAX))], omittedCount: 0 })
})

test('a place that is gone is said, and a long label is cut', () => {
  expect(levelOf([entry('a')], 'b')).toBeUndefined()
  const [long] = levelOf([entry('a', 'x'.repeat(BROWSE_LABEL_MAX + 1))], undefined)?.entries ?? []
  expect(long?.label).toHaveLength(BROWSE_LABEL_MAX)
})
