import { Probation } from '@skerry/contract/serving'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { JUDGED_REQUESTS_MIN, judgeProbation } from './probation.ts'

const rules = Probation.parse({ seconds: 10, failureRateMax: 0.05 })
const judge = (nowMs: number, requests: number, failures: number) =>
  judgeProbation({ startedMs: 1_000, nowMs, stats: { requests, failures }, rules })

test('passes when its time is over, requests or not', () => {
  expect(judge(10_999, 0, 0)).toEqual({ kind: 'continue', untilMs: 11_000 })
  expect(judge(11_000, 0, 0)).toEqual({ kind: 'pass' })
  expect(judge(11_000, 1_000, 50)).toEqual({ kind: 'pass' })
})

test('fails as soon as enough requests show too large a share of failures, and says so in numbers', () => {
  expect(judge(2_000, 19, 19)).toMatchObject({ kind: 'continue' })
  expect(judge(2_000, 20, 2)).toEqual({
    kind: 'fail',
    cause: { code: 'probation_failed', message: '2 of 20 requests failed (10 %), 5 % are allowed' },
  })
  expect(judge(99_000, 20, 2)).toMatchObject({ kind: 'fail' })
})

test('never fails on few requests or a borne share, and never passes early', () => {
  fc.assert(
    fc.property(fc.nat(30_000), fc.nat(200), fc.nat(200), (nowMs, requests, failures) => {
      const verdict = judge(nowMs, requests, failures)
      if (verdict.kind === 'fail') expect(requests >= JUDGED_REQUESTS_MIN && failures / requests > 0.05).toBe(true)
      if (verdict.kind === 'pass') expect(nowMs).toBeGreaterThanOrEqual(11_000)
    }),
  )
})
