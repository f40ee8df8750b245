import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contentOf, DATATYPE, datatypeOf, rawOf } from './sparkplug-value.ts'

const RANGES: [datatype: number, min: number, max: number][] = [
  [DATATYPE.int8, -128, 127],
  [DATATYPE.int16, -32_768, 32_767],
  [DATATYPE.int32, -2_147_483_648, 2_147_483_647],
  [DATATYPE.int64, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  [DATATYPE.uint8, 0, 255],
  [DATATYPE.uint16, 0, 65_535],
  [DATATYPE.uint32, 0, 4_294_967_295],
  [DATATYPE.uint64, 0, Number.MAX_SAFE_INTEGER],
]

test.each(RANGES)('integers of datatype %i come back as they went, and others are refused', (datatype, min, max) => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (number) => {
      const raw = rawOf(datatype, number)
      const isWithin = number >= min && number <= max
      expect(raw !== undefined).toBe(isWithin)
      if (raw) expect(contentOf(datatype, raw)).toEqual({ value: number, isInexact: false })
    }),
  )
  for (const edge of [min, max]) {
    const raw = rawOf(datatype, edge)
    expect(raw && contentOf(datatype, raw)).toEqual({ value: edge, isInexact: false })
  }
})

test('what is no integer has the type of its values, and comes back', () => {
  const scalar = fc.oneof(fc.double({ noNaN: true }), fc.boolean(), fc.string())
  const list = fc.oneof(
    fc.array(fc.double({ noNaN: true }), { minLength: 1 }),
    fc.array(fc.boolean(), { minLength: 1 }),
    fc.array(
      fc.string().filter((text) => !text.includes('\0')),
      { minLength: 1 },
    ),
  )
  fc.assert(
    fc.property(fc.oneof(scalar, list), (value) => {
      const datatype = datatypeOf(value)
      const raw = rawOf(datatype, value)
      expect(raw && contentOf(datatype, raw)).toEqual({ value, isInexact: false })
    }),
  )
})

test('bytes that cannot be of their type are no value', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 0, max: 40 }), (value, datatype) => {
      const content = contentOf(datatype, { case: 'bytes', value })
      expect(content === undefined || Array.isArray(content.value)).toBe(true)
    }),
  )
  expect(contentOf(DATATYPE.booleanArray, { case: 'bytes', value: Uint8Array.of(9, 0, 0, 0, 1) })).toBeUndefined()
  expect(contentOf(DATATYPE.doubleArray, { case: 'bytes', value: Uint8Array.of(1, 2) })).toBeUndefined()
})
