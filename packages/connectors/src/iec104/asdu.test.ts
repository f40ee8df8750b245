import { Iec104Tag } from '@skerry/contract/sources/protocols/source-iec104'
import { expect, test } from 'vitest'
import { type Asdu, decodeAsdu, encodeAsdu } from './asdu.ts'
import { commandElement } from './command.ts'
import { readObject } from './value.ts'

const tag = Iec104Tag.parse({ name: 'tag', address: '100' })
const header = (type: number, count: number) => [type, count, 3, 0, 1, 0]
const valuesOf = ({ objects }: Asdu) =>
  objects.map((object) => ({ at: object.address, ...readObject(tag, { ...object, ...WHEN }) }))
const WHEN = { receivedTimeMs: 5, utcOffsetMinutes: 60 }

test('objects have an address each, or stand behind one', () => {
  const apart = decodeAsdu(Uint8Array.from([...header(1, 2), 100, 0, 0, 1, 7, 1, 0, 0]))
  expect(apart.objects.map(({ address, element }) => [address, element.value])).toEqual([
    [100, true],
    [263, false],
  ])
  const sequence = decodeAsdu(Uint8Array.from([...header(1, 0x82), 255, 0, 0, 1, 0]))
  expect(sequence.objects.map(({ address }) => address)).toEqual([255, 256])
  expect(() => decodeAsdu(Uint8Array.from([...header(13, 2), 100, 0, 0, 0, 0, 0, 0, 0]))).toThrow('last object')
})

test.each<[string, number, number[], object]>([
  ['a single point', 1, [1], { quality: 'good', value: true }],
  ['a double point that is on', 3, [2], { quality: 'good', value: true }],
  ['a double point on its way', 3, [0], { quality: 'bad', cause: { code: 'position_unclear' } }],
  ['a step', 5, [0x7e, 0], { quality: 'good', value: -2 }],
  ['32 bits', 7, [1, 0, 0, 0x80, 0], { quality: 'good', value: 2_147_483_649 }],
  ['a normalised value', 9, [0, 0xc0, 0], { quality: 'good', value: -0.5 }],
  ['a scaled value', 11, [0xff, 0xff, 0], { quality: 'good', value: -1 }],
  ['a float', 13, [0, 0, 0x50, 0x40, 0], { quality: 'good', value: 3.25 }],
  ['a counter', 15, [5, 0, 0, 0, 3], { quality: 'good', value: 5 }],
  ['a counter that was set', 15, [5, 0, 0, 0, 0x43], { quality: 'uncertain', cause: { code: 'counter_adjusted' } }],
  ['one without quality', 21, [0, 0x40], { quality: 'good', value: 0.5 }],
  ['invalid', 13, [0, 0, 0x50, 0x40, 0x80], { quality: 'bad', cause: { code: 'quality_invalid' } }],
  ['not topical', 13, [0, 0, 0x50, 0x40, 0x40], { quality: 'uncertain', value: 3.25, cause: { code: 'quality_old' } }],
  ['substituted', 1, [0x21], { quality: 'uncertain', value: true, cause: { code: 'quality_substituted' } }],
  ['blocked', 3, [0x11], { quality: 'uncertain', value: false, cause: { code: 'quality_blocked' } }],
  ['overflow', 11, [1, 0, 1], { quality: 'uncertain', value: 1, cause: { code: 'quality_overflow' } }],
])('reads %s', (_, type, element, value) => {
  expect(valuesOf(decodeAsdu(Uint8Array.from([...header(type, 1), 100, 0, 0, ...element])))).toMatchObject([value])
})

test('a time is that of its station, and one that it calls wrong is none', () => {
  // 2026-11-27 10:20:30.250, Friday.
  const time = [0x2a, 0x76, 20, 10, 27 + (5 << 5), 11, 26]
  const at = (bytes: number[]) => valuesOf(decodeAsdu(Uint8Array.from([...header(30, 1), 1, 0, 0, 1, ...bytes])))[0]
  expect(at(time)).toMatchObject({ sourceTimeMs: Date.UTC(2026, 10, 27, 9, 20, 30, 250) })
  expect(at(time.with(3, 10 + 0x80))).toMatchObject({ sourceTimeMs: Date.UTC(2026, 10, 27, 8, 20, 30, 250) })
  expect(at(time.with(2, 20 + 0x80))).not.toHaveProperty('sourceTimeMs')
  expect(at(time.with(5, 0))).not.toHaveProperty('sourceTimeMs')
})

test('commands are what the standard has, and hold only what fits', () => {
  const bytes = (
    kind: 'single' | 'double' | 'normalised' | 'scaled' | 'float',
    value: number | boolean,
    select = false,
  ) => commandElement({ kind }, value, select)
  expect(bytes('single', true, true)).toEqual(Uint8Array.of(0x81))
  expect([bytes('double', true), bytes('double', false)]).toEqual([Uint8Array.of(2), Uint8Array.of(1)])
  expect(bytes('normalised', -0.5)).toEqual(Uint8Array.of(0, 0xc0, 0))
  expect(bytes('scaled', -1, true)).toEqual(Uint8Array.of(0xff, 0xff, 0x80))
  expect(bytes('float', 3.25)).toEqual(Uint8Array.of(0, 0, 0x50, 0x40, 0))
  const wrong = [bytes('single', 1), bytes('normalised', 1), bytes('scaled', 40_000), bytes('float', 1e39)]
  expect(wrong).toEqual([undefined, undefined, undefined, undefined])
  const order = { type: 50, cause: 6, originator: 4, commonAddress: 258, address: 70_000, element: Uint8Array.of(9) }
  expect(encodeAsdu(order)).toEqual(Uint8Array.of(50, 1, 6, 4, 2, 1, 0x70, 0x11, 1, 9))
})
