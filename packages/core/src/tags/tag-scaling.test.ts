import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rangeText, type Scaling, scaled, unscaled } from './tag-scaling.ts'

const PLAIN: Scaling = { scale: 1, offset: 0 }
const asInteger = { isInteger: true, held: 0 }

test.each<[string, number, Partial<Scaling>, unknown]>([
  ['as it is', 7, {}, { quality: 'good', value: 7 }],
  ['scale, then offset', 200, { scale: 0.5, offset: -10 }, { quality: 'good', value: 90 }],
  ['mask, then shift', 0b1011_0110, { mask: 0xf0, shift: 4 }, { quality: 'good', value: 0b1011 }],
  ['the highest bit is no sign', 0xffff_ffff, { mask: 0xf000_0000, shift: 28 }, { quality: 'good', value: 15 }],
  [
    'clamped',
    120,
    { clamp: { max: 100 } },
    { quality: 'uncertain', value: 100, cause: { code: 'value_clamped', message: 'it was 120' } },
  ],
  [
    'clamped from below',
    -1,
    { clamp: { min: 0 } },
    { quality: 'uncertain', value: 0, cause: { code: 'value_clamped', message: 'it was -1' } },
  ],
])('%s', (_, raw, scaling, expected) => {
  expect(scaled(raw, { ...PLAIN, ...scaling })).toEqual(expected)
})

test('what no sound sensor says, and what is no number, is bad and has no value', () => {
  const expecting = { ...PLAIN, expect: { min: -40, max: 120 } }
  expect(scaled(850, expecting)).toMatchObject({ quality: 'bad', cause: { code: 'value_unexpected' } })
  expect(scaled(850, expecting)).not.toHaveProperty('value')
  expect(scaled(Number.NaN, PLAIN)).toMatchObject({ quality: 'bad', cause: { code: 'value_not_finite' } })
})

test('a value written is the value read, for every scale that people use', () => {
  const scales = fc.constantFrom(1, 0.1, 0.01, 0.001, 0.5, 2, 10, -1, 0.25)
  fc.assert(
    fc.property(
      fc.integer({ min: -32_768, max: 32_767 }),
      scales,
      fc.integer({ min: -500, max: 500 }),
      (raw, scale, offset) => {
        const read = scaled(raw, { scale, offset })
        expect(read.quality === 'bad' ? undefined : unscaled(read.value, { scale, offset }, asInteger)).toBe(raw)
      },
    ),
  )
})

test('bits outside the mask stay what they are, and a value that does not fit into it is refused', () => {
  const scaling = { ...PLAIN, mask: 0x00f0, shift: 4 }
  expect(unscaled(5, scaling, { isInteger: true, held: 0xab0c })).toBe(0xab5c)
  expect(unscaled(16, scaling, { isInteger: true, held: 0xab0c })).toBeUndefined()
  expect(unscaled(-1, scaling, { isInteger: true, held: 0xab0c })).toBeUndefined()
  expect(unscaled(3, { ...PLAIN, shift: 2 }, asInteger)).toBe(12)
  fc.assert(
    fc.property(fc.nat(15), fc.nat(0xffff), (value, held) => {
      const raw = unscaled(value, scaling, { isInteger: true, held }) ?? -1
      expect([scaled(raw, scaling), raw & ~0xf0]).toEqual([{ quality: 'good', value }, held & ~0xf0])
    }),
  )
})

test('a range in words', () => {
  expect([rangeText({ min: 0, max: 5 }), rangeText({ min: 0 }), rangeText({ max: 5 })]).toEqual([
    '0 to 5',
    'at least 0',
    'at most 5',
  ])
})
