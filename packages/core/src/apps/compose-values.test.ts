import { expect, test } from 'vitest'
import { splitWords } from './compose-values.ts'

test.each([
  ['a b  c', ['a', 'b', 'c']],
  ['', []],
  ['""', ['']],
  [`sh -c 'a "b" c'`, ['sh', '-c', 'a "b" c']],
  [`a"b c"'d e'f`, ['ab cd ef']],
  [String.raw`a\ b "c\"d" '\x' "\x"`, ['a b', 'c"d', String.raw`\x`, String.raw`\x`]],
])('the line %s has these words', (line, words) => {
  expect(splitWords(line)).toEqual(words)
})

test.each(['"a', "a 'b", 'a\\'])('the line %s is not complete', (line) => {
  expect(splitWords(line)).toBeUndefined()
})
