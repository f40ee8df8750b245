import { expect, test } from 'vitest'
import { namesWords } from './names-words.ts'

test.each([
  [['a'], 1, 'a'],
  [['a', 'b'], 2, 'a and b'],
  [['a', 'b', 'c'], 10, 'a, b, c and 7 more'],
  [['a'], 2, 'a and 1 more'],
  [[], 0, ''],
])('%j of %i devices are named: %s', (names, count, text) => {
  expect(namesWords(names, count)).toBe(text)
})
