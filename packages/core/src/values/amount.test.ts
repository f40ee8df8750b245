import { Amount } from '@skerry/contract/deployments/amount'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exceeds, parseAmount, resolveAmount } from './amount.ts'

test.each([
  [5, { kind: 'count', count: 5 }],
  ['10%', { kind: 'share', hundredths: 1_000 }],
  ['0%', { kind: 'share', hundredths: 0 }],
  ['100%', { kind: 'share', hundredths: 10_000 }],
  ['12.5%', { kind: 'share', hundredths: 1_250 }],
  ['0.05%', { kind: 'share', hundredths: 5 }],
])('%s means %o', (amount, parsed) => {
  expect(parseAmount(Amount.parse(amount))).toEqual(parsed)
})

test('a share of a fleet is rounded up, and exact where it is whole', () => {
  expect([resolveAmount('10%', 1), resolveAmount('10%', 10), resolveAmount('10%', 11)]).toEqual([1, 1, 2])
  expect([resolveAmount('0.07%', 10_000), resolveAmount('29%', 100), resolveAmount('10%', 0)]).toEqual([7, 29, 0])
  expect(resolveAmount(7, 3)).toBe(7)
})

test('a limit is passed by one more than it allows', () => {
  expect([exceeds(1, { part: 1, total: 1 }), exceeds(1, { part: 2, total: 9 })]).toEqual([false, true])
  expect([exceeds('10%', { part: 1, total: 10 }), exceeds('10%', { part: 2, total: 11 })]).toEqual([false, true])
  expect([exceeds('0%', { part: 0, total: 0 }), exceeds('0%', { part: 1, total: 9 })]).toEqual([false, true])
})

test('holds for any share: as many as it resolves to reach it, one less does not', () => {
  const total = fc.integer({ min: 1, max: 1_000_000 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), total, (hundredths, all) => {
      const share = Amount.parse(`${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}%`)
      const part = resolveAmount(share, all)
      expect(part).toBeLessThanOrEqual(all)
      expect(exceeds(share, { part: part - 1, total: all })).toBe(false)
      expect(exceeds(share, { part: part + 1, total: all })).toBe(true)
    }),
  )
})
