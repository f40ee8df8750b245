import { expect, test } from 'vitest'
import { encodeUtf8 } from '../../values/utf8.ts'
import type { GoldenTensor } from './golden.ts'
import { findReferenceDifference, referenceFaultText, worstDifference } from './golden-reference.ts'

const tolerance = { absolute: 1e-4, relative: 1e-3 }
const floats = (shape: number[], ...values: number[]): GoldenTensor => ({
  datatype: 'FP32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
})
const integers = (...values: bigint[]): GoldenTensor => ({
  datatype: 'INT64',
  shape: [values.length],
  data: new Uint8Array(BigInt64Array.from(values).buffer),
})
const texts = (...words: string[]): GoldenTensor => ({
  datatype: 'BYTES',
  shape: [words.length],
  data: Uint8Array.from(
    words.flatMap((word) => {
      const bytes = encodeUtf8(word) ?? new Uint8Array()
      return [bytes.length, 0, 0, 0, ...bytes]
    }),
  ),
})
const find = (expected: Record<string, GoldenTensor>, actual: Record<string, GoldenTensor>) =>
  findReferenceDifference(new Map(Object.entries(expected)), new Map(Object.entries(actual)), tolerance)

test('answers within the tolerance are as expected, and outputs that nobody expects are ignored', () => {
  const actual = { y: floats([2], 1.000_05, 2.001), other: floats([1], 7) }
  expect(find({ y: floats([2], 1, 2) }, actual)).toBeUndefined()
  expect(find({}, actual)).toBeUndefined()
})

test('the worst value is named by its place, with both values, and the differing values are counted', () => {
  const found = find({ y: floats([2, 3], 1, 2, 3, 4, 5, 6) }, { y: floats([2, 3], 1, 2.1, 3, 4, 5.5, 6) })
  expect(found).toEqual({
    output: 'y',
    kind: 'values',
    index: [1, 1],
    expected: 5,
    actual: 5.5,
    largestDifference: 0.5,
    differing: 2,
    count: 6,
  })
  if (!found) throw new Error('no difference')
  expect(referenceFaultText({ ...found, case: 2, cases: 16, casesDiffering: 3 }, tolerance)).toBe(
    'golden case 2 of 16 (3 of 16 cases differ): output y[1, 1] is 5.5, expected 5 (largest difference 0.5, ' +
      'allowed 0.0001 + 0.001 × |expected|; 2 of 6 values differ); check the export (evaluation mode, opset, ' +
      'preprocessing), or state a tolerance if the difference is acceptable',
  )
})

test('of several differing outputs, the one that exceeds its allowance most is named', () => {
  const expected = { big: floats([1], 1_000), small: floats([1], 1), fine: floats([1], 1) }
  // The absolute difference of `big` is larger, but it exceeds its allowance by less.
  const actual = { big: floats([1], 1_002), small: floats([1], 2), fine: floats([1], 1) }
  expect(find(expected, actual)).toMatchObject({ output: 'small', largestDifference: 1 })
  expect(find(expected, { ...actual, big: floats([1], Number.NaN) })).toMatchObject({ output: 'big' })
  expect(find(expected, { ...actual, fine: floats([2], 1, 1) })).toMatchObject({ output: 'fine', kind: 'form' })
  const near = find(expected, { ...actual, small: floats([1], 1) })
  const far = find(expected, actual)
  if (!near || !far) throw new Error('no difference')
  expect(worstDifference(near, far, tolerance)).toBe(far)
  expect(worstDifference(far, near, tolerance)).toBe(far)
  expect(worstDifference(far, { ...far }, tolerance), 'of equal ones the earlier').toBe(far)
})

test('an output that the model lacks is named, with the outputs that it has', () => {
  const found = find({ z: floats([1], 1) }, { y: floats([1], 1), w: floats([1], 1) })
  expect(found).toEqual({ output: 'z', kind: 'missing', outputs: ['y', 'w'] })
  if (!found) throw new Error('no difference')
  expect(referenceFaultText({ ...found, case: 1, cases: 1, casesDiffering: 1 }, tolerance)).toBe(
    'golden case 1 of 1: the model has no output z; name the expected outputs as the model does: y, w',
  )
})

test.each([
  ['shape', floats([1, 2], 1, 2), floats([2], 1, 2), 'FP32 [1, 2]', 'FP32 [2]'],
  ['type', integers(1n), floats([1], 1), 'INT64 [1]', 'FP32 [1]'],
  [
    'number of bytes',
    { ...floats([2], 1, 2), data: new Uint8Array(4) },
    floats([2], 1, 2),
    '4 bytes',
    'FP32 [2] of 8 bytes',
  ],
  ['number of texts', { ...texts('a', 'b'), shape: [1] }, texts('a'), 'as many texts as its shape holds', 'BYTES [1]'],
])('another %s is stated on both sides', (_what, wanted, got, expected, actual) => {
  const found = find({ y: wanted }, { y: got })
  expect(found).toEqual({ output: 'y', kind: 'form', expected, actual })
  if (!found) throw new Error('no difference')
  expect(referenceFaultText({ ...found, case: 1, cases: 2, casesDiffering: 2 }, tolerance)).toContain(
    `(2 of 2 cases differ): output y is ${actual}, expected ${expected}; correct`,
  )
})

test('integers of 64 bits keep all digits, texts are quoted, and a scalar has no place', () => {
  expect(find({ y: integers(1n, 9_007_199_254_740_993n) }, { y: integers(1n, 5n) })).toMatchObject({
    index: [1],
    expected: '9007199254740993',
    actual: '5',
  })
  const words = find({ y: texts('cat', 'dog') }, { y: texts('cat', 'cow') })
  expect(words).toEqual({
    output: 'y',
    kind: 'values',
    index: [1],
    expected: '"dog"',
    actual: '"cow"',
    differing: 1,
    count: 2,
  })
  expect(find({ y: texts('cat') }, { y: texts('cat') })).toBeUndefined()
  const scalar = find({ y: floats([], 1) }, { y: floats([], 2) })
  if (!scalar || !words) throw new Error('no difference')
  const fault = { case: 1, cases: 1, casesDiffering: 1 }
  expect(referenceFaultText({ ...scalar, ...fault }, tolerance)).toContain('output y is 2, expected 1')
  expect(referenceFaultText({ ...words, ...fault }, tolerance)).toContain('"cow", expected "dog" (1 of 2 values')
})

test('truth values must be equal, and doubles and infinities are shown as they are', () => {
  const truths = (...values: number[]): GoldenTensor => ({
    datatype: 'BOOL',
    shape: [values.length],
    data: Uint8Array.from(values),
  })
  expect(find({ y: truths(1, 0) }, { y: truths(1, 1) })).toMatchObject({ index: [1], expected: 0, actual: 1 })
  const doubles = (value: number): GoldenTensor => ({
    datatype: 'FP64',
    shape: [1],
    data: new Uint8Array(Float64Array.of(value).buffer),
  })
  expect(find({ y: doubles(0.1) }, { y: doubles(0.2) })).toMatchObject({ expected: 0.1, actual: 0.2 })
  expect(find({ y: doubles(0.1) }, { y: doubles(Number.NaN) })).toMatchObject({ actual: 'NaN' })
})
