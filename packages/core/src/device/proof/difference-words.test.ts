import { expect, test } from 'vitest'
import { caseText, placeOf, placeText, shownValue, textDifference, valueDifferenceText } from './difference-words.ts'

const tolerance = { absolute: 0.1, relative: 0 }

test('a place is counted row by row, and a single value has none', () => {
  expect(placeOf(5, [2, 3])).toEqual([1, 2])
  expect(placeOf(0, [2, 0])).toEqual([0, 0])
  expect(placeText(placeOf(3, [1, 2, 2]))).toBe('[0, 1, 1]')
  expect(placeText(placeOf(0, []))).toBe('')
})

test('values have the digits of their type, and large integers keep all of theirs', () => {
  expect(shownValue(Math.fround(0.1), 'FP32')).toBe(0.1)
  expect(shownValue(0.1 + 0.2, 'FP64')).toBe(0.1 + 0.2)
  expect(shownValue(2n ** 63n - 1n, 'INT64')).toBe('9223372036854775807')
  expect(shownValue(Number.NaN, 'FP32')).toBe('NaN')
})

test('the cases that differ are counted, unless there is one case or nobody has counted', () => {
  expect(caseText({ case: 2, cases: 16, casesDiffering: 3 })).toBe('golden case 2 of 16 (3 of 16 cases differ)')
  expect(caseText({ case: 1, cases: 1, casesDiffering: 1 })).toBe('golden case 1 of 1')
  expect(caseText({ case: 2, cases: 16 })).toBe('golden case 2 of 16')
})

test('a difference of numbers has its size, rounded, and a difference of texts has none', () => {
  const number = { output: 'y', index: [0, 1], expected: 1, actual: 1.5, differing: 2, count: 3 }
  expect(valueDifferenceText({ ...number, largestDifference: 0.5000000001 }, tolerance)).toBe(
    'output y[0, 1] is 1.5, expected 1 (largest difference 0.5, allowed 0.1 + 0 × |expected|; 2 of 3 values differ)',
  )
  const texts = textDifference(['cat', 'dog'], ['cat', 'cow'], [2])
  expect(texts && valueDifferenceText({ output: 'label', ...texts }, tolerance)).toBe(
    'output label[1] is "cow", expected "dog" (1 of 2 values differ)',
  )
  expect(textDifference(['cat'], ['cat'], [1])).toBeUndefined()
})
