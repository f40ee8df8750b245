import type { Datatype } from '@skerry/contract/models/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareGolden, type GoldenTensor } from './golden.ts'

const tolerance = { absolute: 1e-4, relative: 1e-3 }
const exactly = { absolute: 0, relative: 0 }
const floats = (...values: number[]): GoldenTensor => ({
  datatype: 'FP32',
  shape: [values.length],
  data: bytesOf(new Float32Array(values)),
})
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView<ArrayBuffer>) =>
  new Uint8Array(buffer, byteOffset, byteLength)
const one = (datatype: Datatype, data: ArrayBufferView<ArrayBuffer>): GoldenTensor => ({
  datatype,
  shape: [1],
  data: bytesOf(data),
})
const compare = (wanted: GoldenTensor, got: GoldenTensor, within = tolerance) =>
  compareGolden(new Map([['y', wanted]]), new Map([['y', got]]), within)

test('values within the absolute or relative tolerance pass', () => {
  expect(compare(floats(0, 1000), floats(0.0001, 1000.9))).toEqual({ ok: true })
})

test('a mismatch names the output, the index, both values and the largest difference', () => {
  expect(compare(floats(0, 1, 2), floats(0, 1.5, 2.25))).toEqual({
    ok: false,
    code: 'golden_mismatch',
    message:
      'output y[1] is 1.5, expected 1 (largest difference 0.5, allowed 0.0001 + 0.001 × |expected|; 2 of 3 values differ)',
  })
})

test('a device names the place and the numbers as the hub does', () => {
  const grid = (...values: number[]) => ({ ...floats(...values), shape: [1, values.length] })
  expect(compare(grid(0, 0.1), grid(0, 0.7))).toMatchObject({
    message: expect.stringContaining('output y[0, 1] is 0.7, expected 0.1 (largest difference 0.6, '),
  })
  const label = (text: string) => one('BYTES', Uint8Array.from([text.length, 0, 0, 0, ...Buffer.from(text)]))
  expect(compare(label('dog'), label('cow'))).toMatchObject({
    message: 'output y[0] is "cow", expected "dog" (1 of 1 values differ)',
  })
})

test('a small mismatch has a hint on models that are not deterministic', () => {
  const hint = 'is the model nondeterministic'
  expect(compare(floats(1), floats(1.01))).toMatchObject({ message: expect.stringContaining(hint) })
  expect(compare(floats(1), floats(1.1))).toMatchObject({ message: expect.not.stringContaining(hint) })
  const exactly = { absolute: 0, relative: 0 }
  expect(compare(floats(1), floats(1.01), exactly)).toMatchObject({ message: expect.not.stringContaining(hint) })
})

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'a mismatch names %d instead of an expected number',
  (value) => {
    expect(compare(floats(0, 1), floats(0, value))).toMatchObject({
      ok: false,
      code: 'golden_not_finite',
      message: `output y[1] is ${value}, expected 1`,
    })
  },
)

test('infinity and NaN match only the same value in the reference', () => {
  expect(compare(floats(Number.NaN, Number.NEGATIVE_INFINITY), floats(Number.NaN, Number.NEGATIVE_INFINITY)).ok).toBe(
    true,
  )
  expect(compare(floats(Number.NEGATIVE_INFINITY), floats(5))).toMatchObject({ code: 'golden_mismatch' })
  expect(compare(floats(Number.NaN), floats(5))).toMatchObject({ code: 'golden_mismatch' })
})

test('a missing output, another type, another shape and incomplete bytes are rejected', () => {
  expect(compareGolden(new Map([['y', floats(1)]]), new Map(), tolerance)).toMatchObject({
    code: 'golden_shape_mismatch',
    message: 'output y is missing',
  })
  expect(compare(floats(1), one('FP64', new Float64Array([1])))).toMatchObject({
    message: 'output y is FP64 [1], expected FP32 [1]',
  })
  expect(compare(floats(1, 2), { ...floats(1, 2), shape: [1, 2] })).toMatchObject({ code: 'golden_shape_mismatch' })
  expect(compare(floats(1, 2), { ...floats(1), shape: [2] })).toMatchObject({ code: 'golden_shape_mismatch' })
})

test.each<[Datatype, ArrayBufferView<ArrayBuffer>, ArrayBufferView<ArrayBuffer>]>([
  ['BOOL', new Uint8Array([1]), new Uint8Array([0])],
  ['UINT8', new Uint8Array([200]), new Uint8Array([201])],
  ['INT8', new Int8Array([-3]), new Int8Array([3])],
  ['UINT16', new Uint16Array([65535]), new Uint16Array([65534])],
  ['INT16', new Int16Array([-300]), new Int16Array([300])],
  ['FP16', new Uint16Array([0x3c00]), new Uint16Array([0x3c01])],
  ['BF16', new Uint16Array([0x3f80]), new Uint16Array([0x3f81])],
  ['UINT32', new Uint32Array([4e9]), new Uint32Array([4e9 - 1])],
  ['INT32', new Int32Array([-4]), new Int32Array([4])],
  ['FP32', new Float32Array([1]), new Float32Array([1.0000001])],
  ['UINT64', new BigUint64Array([2n ** 63n + 1n]), new BigUint64Array([2n ** 63n])],
  ['INT64', new BigInt64Array([-(2n ** 60n) - 1n]), new BigInt64Array([-(2n ** 60n)])],
  ['FP64', new Float64Array([1]), new Float64Array([1 + Number.EPSILON])],
  ['BYTES', new Uint8Array([1, 0, 0, 0, 65]), new Uint8Array([1, 0, 0, 0, 66])],
])('two different %s values are distinguished, and equal ones match', (datatype, wanted, got) => {
  expect(compare(one(datatype, wanted), one(datatype, wanted), exactly)).toEqual({ ok: true })
  expect(compare(one(datatype, wanted), one(datatype, got), exactly)).toMatchObject({
    ok: false,
    code: 'golden_mismatch',
  })
})

test('no tolerance applies to booleans and texts', () => {
  const wide = { absolute: 10, relative: 10 }
  expect(compare(one('BOOL', new Uint8Array([1])), one('BOOL', new Uint8Array([0])), wide).ok).toBe(false)
  expect(
    compare(one('BYTES', new Uint8Array([1, 0, 0, 0, 65])), one('BYTES', new Uint8Array([1, 0, 0, 0, 66])), wide).ok,
  ).toBe(false)
  expect(
    compare(one('BYTES', new Uint8Array([1, 0, 0, 0, 65])), one('BYTES', new Uint8Array([0, 0, 0, 0])), wide).ok,
  ).toBe(false)
})

test.each([
  ['FP16', 0x3c00, 1],
  ['FP16', 0xc000, -2],
  ['FP16', 0x0001, 2 ** -24],
  ['FP16', 0x7bff, 65504],
  ['BF16', 0x4049, 3.140625],
] as const)('%s with the bits %d is read as %d', (datatype, bits, value) => {
  const verdict = compare(one(datatype, new Uint16Array([0])), one(datatype, new Uint16Array([bits])), exactly)
  expect(verdict).toMatchObject({ message: expect.stringContaining(`is ${Number(value.toPrecision(8))}, expected 0`) })
})

test.each([
  [0x7c00, 'Infinity'],
  [0xfc00, '-Infinity'],
  [0x7e00, 'NaN'],
])('the FP16 bits %d are read as %s', (bits, words) => {
  const verdict = compare(one('FP16', new Uint16Array([0x3c00])), one('FP16', new Uint16Array([bits])))
  expect(verdict).toMatchObject({ code: 'golden_not_finite', message: `output y[0] is ${words}, expected 1` })
})

test('a text mismatch names the byte at which one text ends', () => {
  const short = one('BYTES', new Uint8Array([1, 2]))
  const long = one('BYTES', new Uint8Array([1, 2, 3]))
  expect(compare(short, long)).toMatchObject({ message: 'output y differs from byte 2 on: got 3, expected its end' })
  expect(compare(long, short)).toMatchObject({ message: 'output y differs from byte 2 on: got its end, expected 3' })
})

test('a tensor is read at any offset of its buffer', () => {
  const shifted = new Uint8Array(9)
  shifted.set(bytesOf(new Float32Array([1, 2])), 1)
  expect(compare(floats(1, 2), { ...floats(1, 2), data: shifted.subarray(1) }, exactly).ok).toBe(true)
})

test('for any numbers, the comparison agrees with its definition', () => {
  const finite = fc.float({ noNaN: true, noDefaultInfinity: true })
  fc.assert(
    fc.property(fc.array(fc.tuple(finite, finite), { minLength: 1 }), (pairs) => {
      const isWithin = pairs.every(([b, a]) => Math.abs(a - b) <= tolerance.absolute + tolerance.relative * Math.abs(b))
      expect(compare(floats(...pairs.map(([b]) => b)), floats(...pairs.map(([, a]) => a))).ok).toBe(isWithin)
    }),
  )
})
