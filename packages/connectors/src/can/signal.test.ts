import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createLineCutter, frameOf, idText } from './frame.ts'
import { bitsOf, numberOf, type SignalPlace } from './signal.ts'

const bytes = (hex: string) => Buffer.from(hex, 'hex')

test.each<[string, string, SignalPlace, bigint | undefined]>([
  ['Intel, whole bytes', '34120000', { start: 0, length: 16, order: 'intel' }, 0x1234n],
  ['Intel, across bytes', 'f00f', { start: 4, length: 8, order: 'intel' }, 0xffn],
  ['Motorola, whole bytes', '12340000', { start: 7, length: 16, order: 'motorola' }, 0x1234n],
  ['Motorola, across bytes', '0abc', { start: 3, length: 12, order: 'motorola' }, 0xabcn],
  ['one bit', '0080', { start: 15, length: 1, order: 'intel' }, 1n],
  ['a payload that is too short', '12', { start: 7, length: 16, order: 'motorola' }, undefined],
  ['no payload', '', { start: 0, length: 1, order: 'intel' }, undefined],
])('bits are counted as in DBC files: %s', (_, hex, place, expected) => {
  expect(bitsOf(bytes(hex), place)).toBe(expected)
})

test('eight bytes are decoded as a DataView decodes them, in both byte orders', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (data) => {
      const view = new DataView(data.buffer, data.byteOffset, 8)
      expect(bitsOf(data, { start: 0, length: 64, order: 'intel' })).toBe(view.getBigUint64(0, true))
      expect(bitsOf(data, { start: 7, length: 64, order: 'motorola' })).toBe(view.getBigUint64(0))
      const signed = numberOf(bitsOf(data, { start: 7, length: 16, order: 'motorola' }) ?? 0n, 16, 'signed')
      expect(signed).toBe(view.getInt16(0))
      const float = numberOf(bitsOf(data, { start: 0, length: 32, order: 'intel' }) ?? 0n, 32, 'float')
      expect(float).toBe(view.getFloat32(0, true))
      const double = numberOf(bitsOf(data, { start: 0, length: 64, order: 'intel' }) ?? 0n, 64, 'float')
      expect(double).toBe(view.getFloat64(0, true))
    }),
  )
})

test('a line of candump is a frame if it has data', () => {
  expect(frameOf('(1436509052.249713) vcan0 044#2A36')).toEqual({ id: '044', data: bytes('2a36') })
  expect(frameOf('(1.000000) can0 18FEF100#00FF R')).toEqual({ id: '18FEF100', data: bytes('00ff') })
  expect(frameOf('(1.000000) can0 123##1AABB')).toEqual({ id: '123', data: bytes('aabb') })
  expect(frameOf('(1.000000) can0 123#')).toEqual({ id: '123', data: bytes('') })
  for (const line of ['(1.0) can0 123#R', '(1.0) can0 123#R8', '123#00', '(1.0) can0 123#0', '']) {
    expect(frameOf(line)).toBeUndefined()
  }
  expect([idText(0x44, false), idText(0x44, true)]).toEqual(['044', '00000044'])
})

test('the same lines are found wherever the input is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: fc.constantFrom('a', '#', '0') })), fc.nat(), (lines, at) => {
      const heard: string[] = []
      const cut = createLineCutter((line) => heard.push(line))
      const text = lines.map((line) => `${line}\n`).join('')
      cut(text.slice(0, at % (text.length + 1)))
      cut(text.slice(at % (text.length + 1)))
      expect(heard).toEqual(lines)
    }),
  )
})
