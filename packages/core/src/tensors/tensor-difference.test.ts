import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareGolden, type GoldenTensor } from '../device/proof/golden.ts'
import { isWithin, PARTS_MAX, tensorDifference } from './tensor-difference.ts'
import { bytesOfElements } from './tensor-elements.ts'

const tolerance = { absolute: 1e-4, relative: 1e-3 }
const floats = (...values: number[]): GoldenTensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: new Uint8Array(Float32Array.from(values).buffer),
})
const texts = (...values: string[]): GoldenTensor => ({
  datatype: 'BYTES',
  shape: [values.length],
  data: bytesOfElements('BYTES', values) ?? new Uint8Array(),
})

test('equal outputs have no difference', () => {
  expect(tensorDifference(floats(1, 2), floats(1, 2), tolerance)).toMatchObject({
    comparable: true,
    count: 2,
    differing: 0,
    outside: 0,
    largest: 0,
    mean: 0,
  })
})

test('the largest and the mean difference, and the elements outside of the tolerance are counted', () => {
  const difference = tensorDifference(floats(0, 10, 100, 1), floats(0, 10.5, 100.0625, 1), tolerance)
  expect(difference).toEqual({
    comparable: true,
    count: 4,
    differing: 2,
    outside: 1,
    largest: 0.5,
    mean: 0.140625,
    at: 1,
    parts: [
      { from: 0, to: 1, largest: 0, outside: 0 },
      { from: 1, to: 2, largest: 0.5, outside: 1 },
      { from: 2, to: 3, largest: 0.0625, outside: 0 },
      { from: 3, to: 4, largest: 0, outside: 0 },
    ],
  })
  expect(isWithin(difference)).toBe(false)
})

test('an element that is not finite is outside, and does not spoil the mean', () => {
  expect(tensorDifference(floats(1, 2), floats(1.5, Number.NaN), tolerance)).toMatchObject({
    outside: 2,
    largest: 0.5,
    mean: 0.5,
    notFiniteAt: 1,
  })
})

test.each([
  ['missing', floats(1), undefined],
  ['added', undefined, floats(1)],
  ['shape', floats(1), floats(1, 2)],
  ['datatype', floats(1), texts('a')],
  ['bytes', floats(1), { ...floats(1), data: new Uint8Array(3) }],
] as const)('outputs that cannot be compared name the reason: %s', (reason, expected, actual) => {
  const difference = tensorDifference(expected, actual, tolerance)
  expect(difference).toMatchObject({ comparable: false, reason })
  expect(isWithin(difference)).toBe(false)
})

test('texts are equal or outside', () => {
  expect(tensorDifference(texts('a', 'b'), texts('a', 'c'), tolerance)).toMatchObject({ outside: 1, at: 1 })
})

test('a long output has a limited number of parts, which cover each element once', () => {
  const long = Array.from({ length: 10 * PARTS_MAX + 7 }, (_, index) => index)
  const difference = tensorDifference(floats(...long), floats(...long.map((value) => value + 1)), tolerance)
  if (!difference.comparable) throw new Error('it must be comparable')
  expect(difference.parts).toHaveLength(PARTS_MAX)
  expect(difference.parts.reduce((sum, { from, to }) => sum + to - from, 0)).toBe(long.length)
  expect(difference.parts.every(({ largest }) => largest === 1)).toBe(true)
})

const anyNumbers = fc.array(fc.float(), { maxLength: 40 })

test('a difference is within the tolerance exactly when the golden check passes', () => {
  fc.assert(
    fc.property(anyNumbers, anyNumbers, (a, b) => {
      const [expected, actual] = [floats(...a), floats(...b)]
      const verdict = compareGolden(new Map([['y', expected]]), new Map([['y', actual]]), tolerance)
      expect(isWithin(tensorDifference(expected, actual, tolerance))).toBe(verdict.ok)
    }),
  )
})
