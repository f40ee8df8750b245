import { ByteOrder } from '@skerry/contract/sources/protocols/source-modbus'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  decodeRegisters,
  type Encoding,
  encodeRegisters,
  fitsNumber,
  numberReader,
  type RegisterNumber,
  registersOf,
} from './register-codec.ts'

const bytesOf = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
const one = (type: RegisterNumber, order: ByteOrder): Encoding => ({ type, order, count: 1 })

// 3.25 as IEEE 754 has it: 40 50 00 00.
test.each([
  ['float32', 'ABCD', '40500000', 3.25],
  ['float32', 'CDAB', '00004050', 3.25],
  ['float32', 'BADC', '50400000', 3.25],
  ['float32', 'DCBA', '00005040', 3.25],
  ['int16', 'ABCD', 'fffe', -2],
  ['int16', 'BADC', 'feff', -2],
  ['int16', 'CDAB', 'fffe', -2],
  ['uint16', 'ABCD', 'fffe', 65_534],
  ['int32', 'CDAB', 'fffeffff', -2],
  ['uint32', 'ABCD', '80000000', 2_147_483_648],
  ['int64', 'ABCD', 'ffffffffffffff85', -123],
  ['int64', 'CDAB', 'ff85ffffffffffff', -123],
  ['uint64', 'DCBA', '7b00000000000000', 123],
  ['float64', 'ABCD', '400921fb54442d18', Math.PI],
] as const)('%s in the order %s: %s is %d, both ways', (type, order, hex, value) => {
  expect(decodeRegisters(one(type, order), bytesOf(hex))).toEqual({ value, isInexact: false })
  expect(encodeRegisters(one(type, order), value)).toEqual(bytesOf(hex))
})

const orders = fc.constantFrom(...ByteOrder.options)
const integers: Record<string, fc.Arbitrary<number>> = {
  int16: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
  uint16: fc.integer({ min: 0, max: 2 ** 16 - 1 }),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  int64: fc.maxSafeInteger(),
  uint64: fc.maxSafeNat(),
  float32: fc.float({ noNaN: true }),
  float64: fc.double({ noNaN: true }),
}

test.each(Object.entries(integers))('every %s comes back as it was, in every order', (type, values) => {
  fc.assert(
    fc.property(values, orders, (value, order) => {
      const encoding = one(type as RegisterNumber, order)
      const bytes = encodeRegisters(encoding, value)
      expect(bytes?.length).toBe(registersOf(encoding) * 2)
      expect(decodeRegisters(encoding, bytes ?? new Uint8Array()).value).toBe(value)
      const answer = new DataView(Uint8Array.of(1, 2, 3, ...(bytes ?? [])).buffer)
      expect(numberReader(type as RegisterNumber, order)(answer, 3)).toBe(value)
    }),
  )
})

test.each(Object.entries(integers))('every array of %s comes back as it was, in every order', (type, values) => {
  fc.assert(
    fc.property(fc.array(values, { minLength: 2, maxLength: 20 }), orders, (value, order) => {
      const encoding: Encoding = { type: type as RegisterNumber, order, count: value.length }
      const bytes = encodeRegisters(encoding, value) ?? new Uint8Array()
      expect(bytes.length).toBe(registersOf(encoding) * 2)
      expect(decodeRegisters(encoding, bytes).value).toEqual(value)
      const parts = value.flatMap((one) => [...(encodeRegisters({ ...encoding, count: 1 }, one) ?? [])])
      expect([...bytes]).toEqual(parts)
    }),
  )
})

test('an array is encoded whole or not at all', () => {
  const three: Encoding = { type: 'int16', order: 'ABCD', count: 3 }
  for (const value of [[1, 2], [1, 2, 3, 4], [], [1, 2, 32_768], [1.5, 2, 3], 5, 'abc'])
    expect(encodeRegisters(three, value), JSON.stringify(value)).toBeUndefined()
})

test('strings come back as they were, in every order, and end at the first NUL', () => {
  const texts = fc.string({
    unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 20,
  })
  fc.assert(
    fc.property(texts, orders, (text, order) => {
      const encoding: Encoding = { type: 'string', order, bytes: 21 }
      expect(decodeRegisters(encoding, encodeRegisters(encoding, text) ?? new Uint8Array()).value).toBe(text.trimEnd())
    }),
  )
  const swapped: Encoding = { type: 'string', order: 'BADC', bytes: 4 }
  expect(decodeRegisters(swapped, bytesOf('4f4b0000'))).toEqual({ value: 'KO', isInexact: false })
})

test('what a type cannot hold is not written in part', () => {
  const refused: [RegisterNumber, number][] = [
    ...([
      ['int16', 32_768],
      ['int16', 1.5],
      ['uint16', -1],
      ['uint32', 2 ** 32],
      ['int64', 2 ** 53],
      ['float32', 1e39],
    ] as const),
  ].map(([type, value]) => [type, value])
  for (const [type, value] of refused)
    expect(encodeRegisters(one(type, 'ABCD'), value), `${type} ${value}`).toBeUndefined()
  expect(fitsNumber('float64', 1e300)).toBe(true)
  expect(encodeRegisters({ type: 'string', order: 'ABCD', bytes: 2 }, 'abc')).toBeUndefined()
  expect(encodeRegisters({ type: 'string', order: 'ABCD', bytes: 2 }, '€')).toBeUndefined()
  expect(encodeRegisters({ type: 'string', order: 'ABCD', bytes: 2 }, 5)).toBeUndefined()
  expect(encodeRegisters(one('int16', 'ABCD'), '5')).toBeUndefined()
})

test('an integer beyond 2^53 is told to be inexact, and several values are an array', () => {
  expect(decodeRegisters(one('uint64', 'ABCD'), bytesOf('ffffffffffffffff'))).toEqual({
    value: 2 ** 64,
    isInexact: true,
  })
  const pair: Encoding = { type: 'int16', order: 'ABCD', count: 2 }
  expect(decodeRegisters(pair, bytesOf('00010002'))).toEqual({ value: [1, 2], isInexact: false })
})
