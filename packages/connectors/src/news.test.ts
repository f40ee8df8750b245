import { type Group, Source } from '@skerry/contract/sources/source'
import { expect, test } from 'vitest'
import { createNewsFilter } from './news.ts'
import { emptyReading, valuesOf } from './reading.ts'

const groupOf = (tags: object[]): Group => {
  const constant = { kind: 'constant', value: 0 }
  const groups = [{ name: 'all', everyMs: 10, tags: tags.map((tag) => ({ signal: constant, ...tag })) }]
  const [group] = Source.parse({ name: 's', protocol: 'simulator', groups }).groups
  if (!group) throw new Error('no group')
  return group
}

test('of what the equipment told by itself only those places are looked at', () => {
  const filter = createNewsFilter(groupOf([{ name: 'a', deadband: { absolute: 2 } }, { name: 'b' }, { name: 'c' }]))
  const reading = emptyReading(3)
  reading.numbers.set([10, 20, 30])
  expect(filter.take(reading, Uint32Array.of(0, 2))).toEqual(Uint32Array.of(0, 2))
  reading.numbers.set([11, 21, 31])
  expect(filter.take(reading, Uint32Array.of(0, 1))).toEqual(Uint32Array.of(1))
  reading.numbers.set([13, 21, 31])
  expect(filter.take(reading, Uint32Array.of(0))).toEqual(Uint32Array.of(0))
})

test("the equipment's own times are told where it has given them", () => {
  const group = groupOf([{ name: 'a' }, { name: 'b' }])
  const reading = { ...emptyReading(2), sourceTimesMs: Float64Array.of(5, Number.NaN) }
  reading.numbers.set([1, 2])
  reading.receivedTimesMs.fill(7)
  expect(valuesOf({ ...reading, group: 'all', news: undefined }, group)).toEqual([
    { tag: 'a', quality: 'good', value: 1, sourceTimeMs: 5, receivedTimeMs: 7 },
    { tag: 'b', quality: 'good', value: 2, receivedTimeMs: 7 },
  ])
})
