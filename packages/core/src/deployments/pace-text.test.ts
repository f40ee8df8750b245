import { Budget, Rate, Retry } from '@skerry/contract/deployments/pace'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  budgetText,
  limitsText,
  parseBudget,
  parseLimits,
  parseRate,
  parseRetry,
  rateText,
  retryText,
} from './pace-text.ts'

const count = fc.integer({ min: 1, max: 1_000 })
const share = fc.integer({ min: 1, max: 10_000 }).map((hundredths) => `${hundredths / 100}%`)
const amount = fc.oneof(count, share)
const groupBy = fc.constantFrom(undefined, 'site.name', 'device.labels.line', 'site.labels.a_1')
const anyRate = fc
  .oneof(
    fc.record({ perMinute: count }),
    fc.record({
      basePerMinute: count,
      factor: fc.constantFrom(1.1, 2, 4.5),
      per: fc.oneof(fc.record({ notified: count }), fc.record({ succeeded: count })),
      maxPerMinute: count,
    }),
  )
  .map((rate) => Rate.parse(rate))
const anyBudget = fc
  .tuple(groupBy, amount, fc.constantFrom('maxUnavailable', 'minAvailable'))
  .map(([key, value, kind]) => Budget.parse({ ...(key && { groupBy: key }), [kind]: value }))
const anyRetry = fc
  .record({ max: fc.integer({ min: 1, max: 10 }), backoffSeconds: fc.integer({ min: 1, max: 86_400 }) })
  .map((retry) => Retry.parse(retry))
const anyLimits = fc.array(
  fc.record({ kind: fc.constantFrom('failed', 'rejected', 'timed-out', 'all'), max: amount, minExecuted: count }),
  { minLength: 1, maxLength: 4 },
)

test('what is written and read again is the same', () => {
  fc.assert(
    fc.property(anyRate, anyBudget, anyRetry, anyLimits, (rate, budget, retry, limits) => {
      expect(parseRate(rateText(rate))).toEqual(rate)
      expect(parseBudget(budgetText(budget))).toEqual(budget)
      expect(parseRetry(retryText(retry))).toEqual(retry)
      expect(parseLimits(limitsText(limits))).toEqual(limits)
    }),
  )
})

test.each([
  ['10 x2 per 50 proved', { basePerMinute: 10, factor: 2, per: { succeeded: 50 }, maxPerMinute: 100_000 }],
  [' 7 ', { perMinute: 7 }],
  ['0', undefined],
  ['10 x9 per 50 proved', undefined],
  ['10 per minute', undefined],
  ['', undefined],
])('the rate %j', (text, rate) => expect(parseRate(text)).toEqual(rate))

test.each([
  ['keep 80% per site.name', { groupBy: 'site.name', minAvailable: '80%' }],
  ['0', undefined],
  ['0%', undefined],
  ['2 per device.name', undefined],
  ['half', undefined],
])('the budget %j', (text, budget) => expect(parseBudget(text)).toEqual(budget))

test.each([
  ['2', { max: 2, backoffSeconds: 60 }],
  ['2 after 5m', { max: 2, backoffSeconds: 300 }],
  ['2 after lunch', undefined],
  ['0', undefined],
])('the tries %j', (text, retry) => expect(parseRetry(text)).toEqual(retry))

test.each([
  [
    'failed 2,timed-out 5% of 20',
    [
      { kind: 'failed', max: 2, minExecuted: 1 },
      { kind: 'timed-out', max: '5%', minExecuted: 20 },
    ],
  ],
  ['failed', undefined],
  ['failed 2,', undefined],
])('the limits %j', (text, limits) => expect(parseLimits(text)).toEqual(limits))
