import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { codeAt, openSteps, stepAt } from './totp.ts'

const hmacOf = (counter: Uint8Array) => createHmac('sha1', '12345678901234567890').update(counter).digest()

test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('[RFC 6238 appendix B] at %d s the code is %s', (seconds, code) => {
  expect(codeAt(stepAt(seconds * 1_000), hmacOf)).toBe(code)
})

test('no step counts twice, and none that is more than one away', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 42), fc.integer({ min: -3, max: 3 }), (nowMs, ago) => {
      const now = stepAt(nowMs)
      const last = stepAt(nowMs) + ago
      for (const step of openSteps(nowMs, last)) {
        expect(step).toBeGreaterThan(last)
        expect(Math.abs(step - now)).toBeLessThanOrEqual(1)
      }
      expect(openSteps(nowMs, -1).length).toBeGreaterThanOrEqual(2)
    }),
  )
})
