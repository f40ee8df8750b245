import { expect, test } from 'vitest'
import { bestOf, comparedRows, elementText, gridOf } from './output-view.ts'

const tensor = (shape: number[], data: unknown[], datatype: 'FP32' | 'BYTES' = 'FP32') => ({
  name: 'y',
  datatype,
  shape,
  data,
})

test('the five highest values of a vector come first', () => {
  expect(bestOf(tensor([1, 6], [0.1, 0.5, 0.2, 0.05, 0.1, 0.9]))).toEqual([
    { index: 5, score: 0.9 },
    { index: 1, score: 0.5 },
    { index: 2, score: 0.2 },
    { index: 0, score: 0.1 },
    { index: 4, score: 0.1 },
  ])
  expect(bestOf(tensor([3], [3, 2, 1]))?.[0]).toEqual({ index: 0, score: 3 })
})

test.each([
  ['a single number', tensor([1, 1], [1])],
  ['two numbers', tensor([1, 2], [1, 2])],
  ['a batch', tensor([2, 3], [1, 2, 3, 4, 5, 6])],
  ['texts', tensor([3], ['a', 'b', 'c'], 'BYTES')],
  ['what is not a number', tensor([3], [1, Number.NaN, 2])],
])('%s has no best', (_what, given) => {
  expect(bestOf(given)).toBeUndefined()
})

test('a small tensor is shown as a table of its last dimension', () => {
  expect(gridOf(tensor([1, 1], [7]))).toEqual({ columns: 1, rows: [[7]] })
  expect(gridOf(tensor([], [7]))).toEqual({ columns: 1, rows: [[7]] })
  expect(gridOf(tensor([2, 1, 2], [1, 2, 3, 4]))).toEqual({
    columns: 2,
    rows: [
      [1, 2],
      [3, 4],
    ],
  })
  expect(gridOf(tensor([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))).toBeUndefined()
  expect(gridOf(tensor([0, 2], []))).toBeUndefined()
  expect(
    gridOf(
      tensor(
        [1, 1_000],
        Array.from({ length: 1_000 }, () => 0),
      ),
    ),
  ).toBeUndefined()
})

test('numbers are shown with at most six digits', () => {
  expect([1, 2.6540191173553467, 1e-9, 3n, true, 'a'].map(elementText)).toEqual([
    '1',
    '2.65402',
    '1e-9',
    '3',
    'true',
    '"a"',
  ])
})

test('elements stand beside the expected ones, and those outside of the tolerance are marked', () => {
  const tolerance = { absolute: 0.1, relative: 0 }
  expect(comparedRows(tensor([1, 3], [1, 2.05, 4]), tensor([1, 3], [1, 2, 3]), tolerance)).toEqual({
    count: 3,
    rows: [
      { index: '[0, 0]', actual: '1', expected: '1', difference: '0', isOutside: false },
      { index: '[0, 1]', actual: '2.05', expected: '2', difference: '0.05', isOutside: false },
      { index: '[0, 2]', actual: '4', expected: '3', difference: '1', isOutside: true },
    ],
  })
  expect(comparedRows(tensor([1], ['a'], 'BYTES'), tensor([1], ['b'], 'BYTES'), tolerance)?.rows[0]).toMatchObject({
    difference: '≠',
    isOutside: true,
  })
  expect(comparedRows(tensor([1], [1]), tensor([1], [Number.NaN]), tolerance)?.rows[0]).toMatchObject({
    isOutside: true,
  })
  expect(comparedRows(tensor([2], [1, 2]), tensor([1], [1]), tolerance)).toBeUndefined()
})
