import { expect, test } from 'vitest'
import { admissionOf, lapseVerdict, pendingRetryMs } from './join-admission.ts'

test.each([
  ['auto', 'by-token', 'active'],
  ['manual', 'by-token', 'pending'],
  ['auto', 'always', 'pending'],
  ['manual', 'always', 'pending'],
] as const)('a token that says %s, under the rule %s: %s', (approval, rules, status) => {
  expect(admissionOf({ approval, rules })).toBe(status)
})

test('one that was announced needs nobody, and a second one that says it is the same always does', () => {
  for (const approval of ['auto', 'manual'] as const) {
    for (const rules of ['by-token', 'always'] as const) {
      expect(admissionOf({ approval, rules, expected: 'open' })).toBe('active')
      expect(admissionOf({ approval, rules, expected: 'taken' })).toBe('pending')
    }
  }
})

test('asks less often the longer it waits', () => {
  const waits = [0, 299_999, 300_000, 3_599_999, 3_600_000, 86_400_000].map(pendingRetryMs)
  expect(waits).toEqual([5_000, 5_000, 30_000, 30_000, 300_000, 300_000])
})

test('a certificate is renewed by its key until so many days after its end, and not a moment longer', () => {
  const DAY_MS = 86_400_000
  const judge = (nowMs: number, lapsedDaysMax: number) => lapseVerdict({ notAfterMs: 0, nowMs, lapsedDaysMax })
  expect(judge(30 * DAY_MS, 30)).toEqual({ ok: true })
  expect(judge(30 * DAY_MS + 1, 30)).toMatchObject({ ok: false, code: 'certificate_lapsed_long' })
  expect(judge(-1, 0)).toEqual({ ok: true })
  expect(judge(1, 0)).toMatchObject({ message: expect.stringContaining('0 are allowed') })
})
