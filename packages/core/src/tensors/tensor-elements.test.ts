import { Datatype, ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytesOfElements, bytesOfNumbers, elementsOfBytes, shortFloat } from './tensor-elements.ts'

test.each([
  ['FP32', [1, -0.5], '0000803f000000bf'],
  ['FP64', [1], '000000000000f03f'],
  ['INT8', [-1, 127], 'ff7f'],
  ['UINT16', [1, 65_535], '0100ffff'],
  ['INT32', [-2], 'feffffff'],
  ['INT64', [-1, 9_007_199_254_740_993n], 'ffffffffffffffff0100000000002000'],
  ['UINT64', [18_446_744_073_709_551_615n], 'ffffffffffffffff'],
  ['BOOL', [true, false], '0100'],
  ['BYTES', ['a', 'é'], '01000000 61 02000000 c3a9'],
] as const)('%s has its bytes', (datatype, elements, hex) => {
  expect(Buffer.from(bytesOfElements(datatype, elements) ?? []).toString('hex')).toBe(hex.replaceAll(' ', ''))
})

test.each([
  ['INT8', [128]],
  ['UINT8', [-1]],
  ['INT32', [1.5]],
  ['FP32', [1e39]],
  ['FP32', ['1']],
  ['INT64', [2 ** 60]],
  ['INT64', [9_223_372_036_854_775_808n]],
  ['UINT64', [-1]],
  ['BOOL', [2]],
  ['BYTES', ['\ud800']],
  ['BYTES', [1]],
  ['FP16', [1]],
  ['BF16', [1]],
] as const)('%s refuses what it cannot hold: %s', (datatype, elements) => {
  expect(bytesOfElements(datatype, elements)).toBeUndefined()
})

test('every type has an answer', () => {
  for (const datatype of Datatype.options) {
    expect(bytesOfElements(datatype, [Symbol('never')]), datatype).toBeUndefined()
  }
})

test('true and false may be 1 and 0', () => {
  expect(bytesOfElements('BOOL', [1, 0, true])).toEqual(new Uint8Array([1, 0, 1]))
})

test('what was written is read again', () => {
  const cases = fc.oneof(
    fc.tuple(fc.constant('INT64' as const), fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))),
    fc.tuple(fc.constant('UINT64' as const), fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))),
    fc.tuple(fc.constant('FP32' as const), fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }))),
    fc.tuple(fc.constant('FP64' as const), fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }))),
    fc.tuple(fc.constant('INT16' as const), fc.array(fc.integer({ min: -32_768, max: 32_767 }))),
    fc.tuple(fc.constant('BOOL' as const), fc.array(fc.boolean())),
    fc.tuple(fc.constant('BYTES' as const), fc.array(fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()))),
  )
  fc.assert(
    fc.property(cases, ([datatype, elements]) => {
      const bytes = bytesOfElements(datatype, elements) ?? new Uint8Array()
      const isSame = elementsOfBytes(datatype, bytes)?.every((element, index) => element === elements[index])
      expect(isSame).toBe(true)
    }),
  )
})

test.each([
  ['FP16', '003c00c00100007c007e', [1, -2, 2 ** -24, Number.POSITIVE_INFINITY, Number.NaN]],
  ['BF16', '803f00c0', [1, -2]],
] as const)('%s is read', (datatype, hex, elements) => {
  expect(elementsOfBytes(datatype, Buffer.from(hex, 'hex'))).toEqual(elements)
})

test('bytes that are no such tensor have no elements', () => {
  for (const datatype of Datatype.options) {
    if (ELEMENT_BYTES[datatype] > 1) expect(elementsOfBytes(datatype, new Uint8Array(3)), datatype).toBeUndefined()
  }
  for (const hex of ['0100', '0200000061', '01000000ff']) {
    expect(elementsOfBytes('BYTES', Buffer.from(hex, 'hex')), hex).toBeUndefined()
  }
})

type Float16 = { from(values: readonly number[]): { buffer: ArrayBuffer } }
const { Float16Array } = globalThis as unknown as { Float16Array: Float16 }

test('computed numbers are rounded to half precision as the platform does it', () => {
  const numbers = fc.oneof(
    fc.double({ min: -70_000, max: 70_000 }),
    fc.double({ min: -1e-4, max: 1e-4 }),
    fc.constantFrom(
      0,
      -0,
      65_504,
      65_519.99,
      65_520,
      2 ** -14,
      2 ** -24,
      2 ** -25,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
    ),
  )
  fc.assert(
    fc.property(fc.array(numbers, { minLength: 1 }), (values) => {
      expect(elementsOfBytes('FP16', bytesOfNumbers('FP16', values) ?? new Uint8Array())).toEqual(
        elementsOfBytes('FP16', new Uint8Array(Float16Array.from(values).buffer)),
      )
    }),
    { numRuns: 1_000 },
  )
})

test.each([
  ['UINT8', [-3, 0.5, 254.6, 300], [0, 1, 255, 255]],
  ['INT8', [-200, 1.4, 200], [-128, 1, 127]],
  ['INT64', [1.5, 1e30, -1e30], [2n, 2n ** 63n - 1n, -(2n ** 63n)]],
  ['BF16', [1, 3.0078125, -2], [1, 3, -2]],
  ['FP64', [0.1], [0.1]],
] as const)('computed numbers are held to the range of %s', (datatype, values, elements) => {
  expect(elementsOfBytes(datatype, bytesOfNumbers(datatype, [...values]) ?? new Uint8Array())).toEqual(elements)
})

test('texts and truths are no numbers', () => {
  expect([bytesOfNumbers('BOOL', [1]), bytesOfNumbers('BYTES', [1])]).toEqual([undefined, undefined])
})

test('a float is written with the digits that it has, and stays the same', () => {
  expect([Math.fround(43.39), Math.fround(0.1), 1, Math.fround(16_777_217)].map(shortFloat)).toEqual([
    43.39, 0.1, 1, 16_777_216,
  ])
  expect(shortFloat(-0)).toBe(-0)
  fc.assert(fc.property(fc.float(), (value) => Object.is(Math.fround(shortFloat(value)), value)))
})
