import { Placement } from '@skerry/contract/places/placement'
import { Scaling, ScalingMetric } from '@skerry/contract/scaling/scaling'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePolicy, policyText } from '../places/policy-text.ts'
import { parseScalingLine, scalingLine } from './scaling-line.ts'

const policies = fc
  .record({
    min: fc.integer({ min: 1, max: 4 }),
    more: fc.integer({ min: 0, max: 8 }),
    metric: fc.constantFrom(...ScalingMetric.options),
    value: fc.constantFrom(0.5, 1, 20, 1_000),
    windowSeconds: fc.integer({ min: 10, max: 3_600 }),
    panic: fc.record({ seconds: fc.integer({ min: 1, max: 10 }), ratio: fc.constantFrom(1.5, 2, 10) }),
    cooldownSeconds: fc.integer({ min: 0, max: 86_400 }),
    budgetHours: fc.option(fc.integer({ min: 100, max: 1_000 }), { nil: undefined }),
    schedule: fc.option(
      fc.array(
        fc.record({
          cron: fc.constantFrom('0 6 * * 1-5', '*/5 8,12 * * *', '0 2 L * ?'.replace('L', '1')),
          timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York'),
          durationSeconds: fc.integer({ min: 1, max: 604_800 }),
          min: fc.integer({ min: 0, max: 1 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
      { nil: undefined },
    ),
  })
  .map(({ more, metric, value, budgetHours, schedule, ...rest }) =>
    Scaling.parse({
      ...rest,
      max: rest.min + more,
      target: { metric, value },
      ...(budgetHours !== undefined && { budgetHours }),
      ...(schedule && { schedule }),
    }),
  )

test('a line gives back the policy that it was written from, alone and in the line of a placement', () => {
  fc.assert(
    fc.property(policies, fc.constantFrom(' ' as const, ';' as const), (policy, separator) => {
      expect(parseScalingLine(scalingLine(policy, separator))).toEqual({ ok: true, policy })
      const placement = Placement.parse({ replicas: 2, scaling: policy })
      expect(parsePolicy(policyText(placement))).toEqual({ ok: true, policy: placement })
    }),
  )
})

test.each([
  ['4', 'must begin with MIN..MAX'],
  ['0..4', 'needs a target'],
  ['0..4 concurrency=2 speed=3', '"speed=3" is no setting; known are concurrency=, rps='],
  ['5..4 rps=2', 'min: must be at most max'],
  ['0..4 rps=2 window=ever', 'windowSeconds'],
  ['0..4 rps=2 at=3@never', 'schedule.0'],
])('says what is wrong with %s', (line, message) => {
  const parsed = parseScalingLine(line)
  expect(parsed.ok ? '' : parsed.message).toContain(message)
})
