import type { Datatype } from '@skerry/contract/models/tensor'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RawTensor } from '../host/raw-tensor.ts'
import { decodeJson, encodeJson, hasInexact, parseExactly } from './json-tensor.ts'

const INTEGERS = {
  UINT8: [0n, 2n ** 8n - 1n],
  UINT16: [0n, 2n ** 16n - 1n],
  UINT32: [0n, 2n ** 32n - 1n],
  UINT64: [0n, 2n ** 64n - 1n],
  INT8: [-(2n ** 7n), 2n ** 7n - 1n],
  INT16: [-(2n ** 15n), 2n ** 15n - 1n],
  INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  INT64: [-(2n ** 63n), 2n ** 63n - 1n],
} as const

const tensor = (datatype: Datatype, count: number, data: Uint8Array<ArrayBuffer>): RawTensor => ({
  name: 'x',
  datatype,
  shape: [count],
  data,
})

/** From JSON to bytes and back, as a request and its answer go. */
function roundTrip(datatype: Datatype, json: string, count: number): string {
  const plain: unknown = JSON.parse(json)
  const encoded = encodeJson(datatype, [count], hasInexact([{ datatype, data: plain }]) ? parseExactly(json) : plain)
  if (!encoded.ok) return encoded.problem
  const decoded = decodeJson(tensor(datatype, count, encoded.data))
  return decoded.ok ? decoded.json : decoded.code
}

test.each(Object.entries(INTEGERS) as [keyof typeof INTEGERS, readonly [bigint, bigint]][])(
  '%s keeps every integer of its range, and rejects the next',
  (datatype, [least, most]) => {
    const anyInteger = fc.oneof(fc.constantFrom(least, most), fc.bigInt({ min: least, max: most }))
    fc.assert(
      fc.property(fc.array(anyInteger), (integers) => {
        const json = `[${integers.join()}]`
        expect(roundTrip(datatype, json, integers.length)).toBe(json)
      }),
    )
    for (const outside of [least - 1n, most + 1n]) expect(roundTrip(datatype, `[${outside}]`, 1)).toContain(datatype)
    for (const wrong of ['1.5', '"1"', 'null', 'true', '[]', '{}']) {
      expect(roundTrip(datatype, `[${wrong}]`, 1)).toMatch(/element/)
    }
  },
)

test('floats survive the way to JSON and back', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true })), (numbers) => {
      const json = JSON.stringify(numbers)
      expect(roundTrip('FP64', json, numbers.length)).toBe(json)
      const singles = JSON.stringify(numbers.map(Math.fround).filter(Number.isFinite))
      expect(roundTrip('FP32', singles, JSON.parse(singles).length)).toBe(singles)
    }),
  )
})

test.each([
  ['FP32', '[3.5e38]', 'has an element that is not a FP32 (a number within single precision)'],
  ['FP64', '[1e999]', 'has an element that is not a FP64 (a number within double precision)'],
  ['FP16', '[1]', 'cannot be sent as JSON in FP16: send it as binary data'],
  ['BYTES', '["\\ud800"]', 'has an element that is not a BYTES (a string of Unicode characters)'],
  ['BOOL', '[2]', 'has an element that is not a BOOL (true or false)'],
  ['INT64', '[9223372036854775807000]', 'has an element that is not a INT64 (an integer from -2^63 to 2^63 - 1)'],
  ['INT64', '[1e19]', 'has an element that is not a INT64 (an integer from -2^63 to 2^63 - 1)'],
] as const)('refuses %s %s', (datatype, json, problem) => {
  expect(roundTrip(datatype, json, 1)).toBe(problem)
})

test('accepts strings and booleans', () => {
  expect(roundTrip('BYTES', '["größer","","🚢"]', 3)).toBe('["größer","","🚢"]')
  expect(roundTrip('BOOL', '[true,0,false,1]', 4)).toBe('[true,false,false,true]')
})

test('accepts nested data that follow the shape, and rejects others', () => {
  expect(
    encodeJson(
      'UINT8',
      [2, 3],
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ),
  ).toEqual({ ok: true, data: Uint8Array.of(1, 2, 3, 4, 5, 6) })
  for (const data of [
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [[1, 2, 3], 4, 5, 6],
    [[[1]]],
    [1, 2],
    'no',
    undefined,
    null,
    {},
  ]) {
    expect(encodeJson('UINT8', [2, 3], data).ok).toBe(false)
  }
})

test('never turns a value that JSON cannot carry into null', () => {
  const infinite = tensor('FP32', 1, new Uint8Array(Float32Array.of(Number.NEGATIVE_INFINITY).buffer))
  expect(decodeJson(infinite)).toMatchObject({ ok: false, code: 'output_not_finite' })
  expect(decodeJson(tensor('FP16', 1, new Uint8Array(2)))).toMatchObject({ ok: false, code: 'input_invalid' })
})

test.each([
  ['FP32', '[-0,0,1.5]', '[-0.0,0,1.5]'],
  ['FP64', '[-0.0]', '[-0.0]'],
  ['INT32', '[-0]', '[0]'],
  ['INT64', '[-0]', '[0]'],
] as const)('%s keeps the sign of a zero if it has one: %s', (datatype, json, kept) => {
  expect(roundTrip(datatype, json, JSON.parse(json).length)).toBe(kept)
})
