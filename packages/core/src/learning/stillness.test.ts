import { expect, test } from 'vitest'
import { createStillness } from './stillness.ts'

test('a tag with one value is named after some rows, until it moves, and a missing value is no move', () => {
  const still = createStillness(['a', 'b', 'c'])
  for (let row = 0; row < 29; row += 1) still.add([row, 7, row % 2 ? 3 : Number.NaN])
  expect(still.warning()).toBeUndefined()
  still.add([29, 7, 3])
  expect(still.warning()).toContain('one value so far: b (7).')
  for (let row = 0; row < 30; row += 1) still.add([row, 7, 3])
  expect(still.warning()).toContain('b (7), c (3)')
  still.add([1, 8, 3])
  expect(still.warning()).toContain('one value so far: c (3).')
})

test('of many still tags the first ones are named', () => {
  const still = createStillness(['a', 'b', 'c', 'd', 'e'])
  for (let row = 0; row < 30; row += 1) still.add([1, 1, 1, 1, 1])
  expect(still.warning()).toContain('a (1), b (1), c (1) and 2 more')
})
