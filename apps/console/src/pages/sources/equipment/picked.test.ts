import { TagName } from '@skerry/contract/sources/tag'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isThere, pickOf, placesOf, tagNameOf } from './picked.ts'

const pick = (label: string, path = 'ns=2;i=7') => ({ label, path, tag: { address: path } })

test.each([
  ['Speed', 'Speed'],
  ['Pump speed', 'Pump_speed'],
  ['Drück/1', 'Druck_1'],
  ['4711', '_4711'],
  ['', '_'],
])('%s becomes %s', (label, name) => {
  expect(tagNameOf(pick(label), new Set())).toBe(name)
})

test('a label that goes on with the value is called by its path, and a name that is taken gets a number', () => {
  expect(tagNameOf(pick('1.3.6.1 = Linux', '1.3.6.1'), new Set())).toBe('_1.3.6.1')
  const column = { label: 'level: real', path: 'public.tank.level', tag: { address: 'level' } }
  expect(tagNameOf(column, new Set())).toBe('level')
  expect(tagNameOf(pick('Speed'), new Set(['Speed', 'Speed_2']))).toBe('Speed_3')
})

test('whatever equipment calls its places, each has a name that tags may have, and no other has', () => {
  const labels = fc.array(fc.string({ unit: 'grapheme', maxLength: 300 }), { maxLength: 20 })
  fc.assert(
    fc.property(labels, (all) => {
      const taken = new Set<string>()
      for (const label of all) taken.add(TagName.parse(tagNameOf(pick(label), taken)))
      expect(taken.size).toBe(all.length)
    }),
  )
})

test('a place is known as one that the source has, whatever else the source says of it', () => {
  const tags = [{ name: 'speed', address: 'ns=2;s=Speed', unit: 'rpm' }]
  const places = placesOf(tagRowsOf({ name: 'x', groups: [{ name: 'g', everyMs: 1_000, tags }] }))
  const entry = (path: string) => ({ path, label: path, isFolder: false, tag: { address: path } })
  expect([isThere(entry('ns=2;s=Speed'), places), isThere(entry('ns=2;s=Load'), places)]).toEqual([true, false])
  expect(pickOf({ path: 'a', label: 'a', isFolder: true })).toBeUndefined()
})
