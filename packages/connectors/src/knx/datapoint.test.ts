import type { TagContent } from '@skerry/contract/sources/tag'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { datapointOf } from './datapoint.ts'

test.each<[string, TagContent, string]>([
  ['1.001', true, '01'],
  ['5.010', 255, 'ff'],
  ['5.001', 100, 'ff'],
  ['5.003', 360, 'ff'],
  ['6.010', -1, 'ff'],
  ['7.001', 59_993, 'ea59'],
  ['8.001', -2, 'fffe'],
  ['9.001', 21.5, '0c33'],
  ['9.001', -30, '8a24'],
  ['12.001', 4_294_967_295, 'ffffffff'],
  ['13.001', -1, 'ffffffff'],
  ['14.056', 3.25, '40500000'],
  ['16.000', 'PRESS 7', `50524553532037${'00'.repeat(7)}`],
])('%s: %s', (dpt, value, hex) => {
  const { encode, decode, bits } = datapointOf(dpt)
  expect(encode(value)?.toString('hex')).toBe(hex)
  expect(bits === 1 ? 1 : bits / 8).toBe(hex.length / 2)
  const back = decode(Buffer.from(hex, 'hex'))
  if (typeof value === 'number') expect(back).toBeCloseTo(value, 1)
  else expect(back).toBe(value)
})

test('what does not fit is refused', () => {
  const wrong: [string, TagContent][] = [
    ['1.001', 1],
    ['5.001', 101],
    ['6.010', 128],
    ['7.001', -1],
    ['9.001', 700_000],
    ['14.056', 1e39],
    ['16.000', 'more than fourteen'],
    ['16.000', 'Ω'],
    ['12.001', Number.NaN],
  ]
  for (const [dpt, value] of wrong) expect(datapointOf(dpt).encode(value), dpt).toBeUndefined()
})

test('a short float is as near as its eleven bits are', () => {
  const { encode, decode } = datapointOf('9.001')
  fc.assert(
    fc.property(fc.double({ min: -671_088, max: 670_433, noNaN: true }), (value) => {
      const bytes = encode(value)
      expect(bytes).toBeDefined()
      const back = Number(decode(bytes ?? Buffer.alloc(2)))
      expect(Math.abs(back - value)).toBeLessThanOrEqual(Math.max(0.005001, Math.abs(value) / 2_000))
    }),
  )
})
