import { TAGS_READ_MAX } from '@skerry/contract/devices/device-command'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupsIn, testTags, triedRows } from './test-tags.ts'

const many = Array.from({ length: TAGS_READ_MAX + 5 }, (_, at) => ({ name: `level_${at}`, address: `holding:${at}` }))
const rows = tagRowsOf({
  name: 'press-7',
  groups: [
    { name: 'slow', everyMs: 5_000, tags: [{ name: 'temperature', unit: '°C' }, { name: 'pressure' }] },
    { name: 'tanks', everyMs: 1_000, tags: many },
  ],
})
const everything = { group: '', words: '' }

test('all of a source is asked for without names, so that the device counts what it leaves out', () => {
  expect(testTags(rows, everything)).toEqual({ fittingCount: rows.length, names: undefined, leftCount: 0 })
  expect(triedRows(rows, undefined)).toHaveLength(TAGS_READ_MAX)
})

test('a group and words narrow it; what stands behind the first thousand is reached by them', () => {
  expect(testTags(rows, { group: 'slow', words: '' }).names).toEqual(['temperature', 'pressure'])
  expect(testTags(rows, { group: 'slow', words: '°c' }).names).toEqual(['temperature'])
  expect(testTags(rows, { group: '', words: ' level_1004 ' }).names).toEqual(['level_1004'])
  expect(testTags(rows, { group: 'slow', words: 'level' })).toEqual({ fittingCount: 0, names: [], leftCount: 0 })
})

test('of more than one answer takes, the first are asked for, and the others counted', () => {
  const { fittingCount, names, leftCount } = testTags(rows, { group: 'tanks', words: '' })
  expect([fittingCount, names?.length, leftCount]).toEqual([TAGS_READ_MAX + 5, TAGS_READ_MAX, 5])
})

test('a group that is there no more is none', () => {
  expect(groupsIn(rows)).toEqual(['slow', 'tanks'])
  expect(testTags(rows, { group: 'gone', words: '' }).names).toBeUndefined()
})

test('whatever is chosen, what is asked for and what is left are what fits, and the rows are those asked for', () => {
  const choice = fc.record({
    group: fc.constantFrom('', 'slow', 'tanks', 'gone'),
    words: fc.constantFrom('', 'l', '1', 'zz'),
  })
  fc.assert(
    fc.property(choice, (wish) => {
      const { fittingCount, names, leftCount } = testTags(rows, wish)
      if (names === undefined) return
      expect(names.length + leftCount).toBe(fittingCount)
      expect(triedRows(rows, names).map(({ name }) => name)).toEqual(names)
    }),
  )
})
