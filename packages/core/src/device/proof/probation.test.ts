import { Probation } from '@skerry/contract/models/serving'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countedOf, JUDGED_REQUESTS_MIN, judgeProbation } from './probation.ts'

const rules = Probation.parse({ seconds: 10, failureRateMax: 0.05 })
const judge = (nowMs: number, requests: number, failures: number) =>
  judgeProbation({ startedMs: 1_000, nowMs, stats: { requests, failures }, rules })

test('a probation passes when its time is over, with or without requests', () => {
  expect(judge(10_999, 0, 0)).toEqual({ kind: 'continue', untilMs: 11_000 })
  expect(judge(11_000, 0, 0)).toEqual({ kind: 'pass' })
  expect(judge(11_000, 1_000, 50)).toEqual({ kind: 'pass' })
})

test('a probation fails as soon as enough requests show too many failures, and gives numbers', () => {
  expect(judge(2_000, 19, 19)).toMatchObject({ kind: 'continue' })
  expect(judge(2_000, 20, 2)).toEqual({
    kind: 'fail',
    cause: { code: 'probation_failed', message: '2 of 20 requests failed (10 %), 5 % are allowed' },
  })
  expect(judge(99_000, 20, 2)).toMatchObject({ kind: 'fail' })
})

test('a probation fails if values moved, also in its last second', () => {
  const facts = { startedMs: 0, nowMs: 99_000, stats: { requests: 0, failures: 0 }, rules }
  expect(judgeProbation({ ...facts, moved: 'x (drift)' })).toMatchObject({
    kind: 'fail',
    cause: { code: 'probation_failed', message: expect.stringContaining('x (drift)') },
  })
})

test('a failed probation names the most frequent error and its count', () => {
  const error = { text: 'model_failed: division by zero', count: 3 }
  expect(
    judgeProbation({ startedMs: 0, nowMs: 2_000, stats: { requests: 20, failures: 4 }, error, rules }),
  ).toMatchObject({
    cause: {
      message:
        '4 of 20 requests failed (20 %), 5 % are allowed; most frequent error (3 requests): model_failed: division by zero',
    },
  })
})

test('a probation never fails on few requests or a tolerated share, and never passes early', () => {
  fc.assert(
    fc.property(fc.nat(30_000), fc.nat(200), fc.nat(200), (nowMs, requests, failures) => {
      const verdict = judge(nowMs, requests, failures)
      if (verdict.kind === 'fail') expect(requests >= JUDGED_REQUESTS_MIN && failures / requests > 0.05).toBe(true)
      if (verdict.kind === 'pass') expect(nowMs).toBeGreaterThanOrEqual(11_000)
    }),
  )
})

test('cancelled and rate-limited requests do not count against a version', () => {
  expect(countedOf({ answered: 100, failed: 0, cancelled: 0, turnedAway: 0 })).toEqual({ requests: 100, failures: 0 })
  const told = countedOf({ answered: 100, failed: 57, cancelled: 3, turnedAway: 50 })
  expect(told).toEqual({ requests: 104, failures: 4, dropped: 50 })
  expect(judgeProbation({ startedMs: 1_000, nowMs: 11_000, stats: told, rules })).toEqual({ kind: 'pass' })
})

test('for any number of rate-limited requests, the verdict depends only on the others', () => {
  const count = fc.nat(1_000)
  fc.assert(
    fc.property(count, count, count, count, (answered, failed, cancelled, turnedAway) => {
      const stats = countedOf({ answered, failed: failed + cancelled + turnedAway, cancelled, turnedAway })
      const verdict = judgeProbation({ startedMs: 0, nowMs: 5_000, stats, rules })
      expect(verdict).toEqual(
        judgeProbation({ startedMs: 0, nowMs: 5_000, stats: { requests: answered + failed, failures: failed }, rules }),
      )
    }),
  )
})
