import { expect, test } from 'vitest'
import { paletteRank } from './palette-rank.ts'

const ITEMS: readonly (readonly [value: string, name?: string])[] = [
  ['page Devices'],
  ['page Sources'],
  ['action New source'],
  ['action Deploy a model'],
  ['device press-1', 'press-1 oslo'],
  ['device source-tester', 'source-tester delft'],
  ['source press-7', 'press-7'],
  ['deployment devil', 'devil'],
]

const found = (text: string) =>
  ITEMS.map(([value, name]) => ({ value, rank: paletteRank(value, text, name === undefined ? [] : [name]) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .map(({ value }) => value)

test.each([
  ['press', ['device press-1', 'source press-7']],
  ['press-7', ['source press-7']],
  ['dev', ['deployment devil', 'page Devices']],
  ['devices', ['page Devices']],
  ['source', ['device source-tester', 'page Sources', 'action New source']],
  ['oslo press', ['device press-1']],
  ['model deploy', ['action Deploy a model']],
  ['nothing', []],
])('%s finds %j', (text, values) => {
  expect(found(text)).toEqual(values)
})
