import { Scaling } from '@skerry/contract/scaling/scaling'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LoadSample } from './load-window.ts'
import { initialScale, type ScaleDecision, scale } from './scale.ts'
import { scaleReason, scalingWords } from './scale-text.ts'

const policyOf = (spec: object) => Scaling.parse({ max: 8, target: { metric: 'concurrency', value: 1 }, ...spec })

const START_MS = Date.UTC(2026, 10, 2, 6)

type Load = Partial<Omit<LoadSample, 'atMs'>>

const idle = { concurrency: 0, busy: 0, queue: 0, rps: 0 }

type Run = { tickMs?: number; count?: number; scheduledMin?: number }

/** One decision for each load, a tick apart. */
function run(
  policy: Scaling,
  loads: readonly Load[],
  { tickMs = 1_000, count = policy.min, scheduledMin = 0 }: Run = {},
) {
  let state = initialScale(count, START_MS)
  return loads.map((load, at): ScaleDecision & { atMs: number; hours: number } => {
    const sample = { ...idle, ...load, atMs: START_MS + (at + 1) * tickMs }
    const next = scale(policy, state, { sample, scheduledMin, tickMs })
    state = next.state
    return { ...next.decision, atMs: sample.atMs, hours: state.spent.hours }
  })
}

const times = (count: number, load: Load): Load[] => Array.from({ length: count }, () => load)

describe('a step', () => {
  test('a waiting request wakes a model that is at zero, with the reason', () => {
    const policy = policyOf({ min: 0 })
    const [first] = run(policy, [{ concurrency: 1, queue: 1 }])
    expect(first).toMatchObject({ count: 1, code: 'request_waits' })
    expect(first && scaleReason(policy, first, 'worker')).toBe('a request waits, and nothing was loaded')
  })

  test('requests that pile up while the first worker loads start no further one; load that stays after it does', () => {
    const policy = policyOf({ min: 0, windowSeconds: 5, cooldownSeconds: 0 })
    let state = initialScale(0, START_MS)
    const look = (at: number, load: Load, isUnserved: boolean) => {
      const sample = { ...idle, ...load, atMs: START_MS + at * 1_000 }
      const next = scale(policy, state, { sample, scheduledMin: 0, tickMs: 1_000, isUnserved })
      state = next.state
      return next.decision
    }
    for (let at = 1; at <= 12; at++) {
      const decision = look(at, { concurrency: 3 * at, queue: 3 * at, rps: 30, p95Ms: 9_000 }, true)
      expect(decision).toMatchObject({ count: 1, wanted: 1, code: 'request_waits' })
    }
    const codes = [13, 14].map((at) => look(at, { concurrency: 6, busy: 1, queue: 5 }, false))
    expect(codes.at(-1)).toMatchObject({ code: 'panic' })
    expect(codes.at(-1)?.count).toBeGreaterThan(1)
  })

  test('a tiny target asks for no more units than a report can have', () => {
    const policy = policyOf({ target: { metric: 'rps', value: 1e-300 } })
    expect(run(policy, times(3, { rps: 1_000_000 })).at(-1)).toMatchObject({ count: 8, wanted: 10_000 })
  })

  test('a clock that is set back holds no number for longer than the window', () => {
    const policy = policyOf({ windowSeconds: 5, cooldownSeconds: 3 })
    const facts = { scheduledMin: 0, tickMs: 1_000 }
    const late = { ...idle, concurrency: 8, atMs: START_MS + 3_600_000 }
    let { state } = scale(policy, initialScale(1, START_MS), { sample: late, ...facts })
    expect(state.count).toBe(8)
    for (let at = 1; at <= 7; at++) {
      state = scale(policy, state, { sample: { ...idle, atMs: START_MS + at * 1_000 }, ...facts }).state
    }
    expect(state.count).toBe(1)
  })

  test('a jump of the load counts within the panic window, not after the whole window', () => {
    const steps = run(policyOf({}), [...times(60, { concurrency: 0.5 }), ...times(2, { concurrency: 4 })])
    expect(steps.at(-1)).toMatchObject({ count: 4, code: 'panic' })
  })

  test('a slow rise counts by the mean of the window', () => {
    const steps = run(policyOf({ target: { metric: 'rps', value: 10 } }), times(5, { rps: 15 }), { count: 1 })
    expect(steps.at(-1)?.count).toBe(2)
  })

  test('an idle model leaves the memory after the window and the cooldown', () => {
    const policy = policyOf({ min: 0, windowSeconds: 5, cooldownSeconds: 8 })
    const codes = run(policy, times(8, {}), { count: 1 }).map(({ code, count }) => `${code} ${count}`)
    expect(codes.slice(0, 4)).toEqual(times(4, {}).map(() => 'in_window 1'))
    expect(codes.at(-1)).toBe('idle 0')
    expect(codes).toContain('in_cooldown 1')
  })

  test('busy workers hold the number when the queue is empty again', () => {
    const policy = policyOf({ target: { metric: 'queue', value: 2 }, windowSeconds: 3, cooldownSeconds: 0 })
    const steps = run(policy, [
      ...times(4, { queue: 6, busy: 1, concurrency: 7 }),
      ...times(9, { busy: 3, concurrency: 3 }),
    ])
    expect(steps.map(({ count }) => count).at(-1)).toBe(3)
  })

  test('too slow answers add workers, and durations from before a change do not count', () => {
    const policy = policyOf({ target: { metric: 'p95', value: 100 }, max: 4 })
    const steps = run(policy, [{ p95Ms: 150, busy: 1 }, { busy: 1 }, { p95Ms: 90, busy: 1 }])
    expect(steps.map(({ count }) => count)).toEqual([2, 2, 2])
  })

  test('the schedule lifts the minimum, and the load still counts', () => {
    const policy = policyOf({})
    expect(run(policy, [{}], { scheduledMin: 3 })[0]).toMatchObject({ count: 3, code: 'scheduled' })
    expect(run(policy, [{ concurrency: 5 }], { scheduledMin: 3 })[0]).toMatchObject({ count: 5 })
  })

  test('a policy in words', () => {
    expect(scalingWords(policyOf({ min: 0, max: 4, budgetHours: 12 }), 'worker')).toBe(
      '0 to 4 workers, 1 request at once for each, at most 12 worker hours a day',
    )
  })
})

describe('a policy that contradicts itself is rejected', () => {
  test.each([
    ['min', { min: 9 }],
    ['panic', { panic: { seconds: 70 } }],
    ['schedule', { schedule: [{ cron: '0 6 * * *', timeZone: 'UTC', durationSeconds: 60, min: 9 }] }],
    ['budgetHours', { min: 2, budgetHours: 47 }],
  ])('%s', (field, spec) => {
    const parsed = Scaling.safeParse({ max: 8, target: { metric: 'rps', value: 1 }, ...spec })
    expect(parsed.error?.issues[0]?.path[0]).toBe(field)
  })
})

const loads = fc.array(
  fc.record({
    concurrency: fc.double({ min: 0, max: 30, noNaN: true }),
    busy: fc.double({ min: 0, max: 8, noNaN: true }),
    queue: fc.double({ min: 0, max: 30, noNaN: true }),
    rps: fc.double({ min: 0, max: 300, noNaN: true }),
    p95Ms: fc.option(fc.double({ min: 0, max: 2_000, noNaN: true }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 120 },
)

/** Stretches of one load, so that windows are filled and left. */
const histories = fc
  .array(
    fc.tuple(
      fc.integer({ min: 1, max: 25 }),
      fc.oneof(
        loads.map(([load]) => load ?? {}),
        fc.constant({}),
      ),
    ),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((parts) => parts.flatMap(([length, load]) => times(length, load)))

const policies = fc
  .record({
    min: fc.integer({ min: 0, max: 4 }),
    more: fc.integer({ min: 0, max: 8 }),
    metric: fc.constantFrom('concurrency' as const, 'rps' as const, 'queue' as const, 'p95' as const),
    value: fc.double({ min: 0.1, max: 100, noNaN: true }),
    windowSeconds: fc.integer({ min: 1, max: 20 }),
    ratio: fc.double({ min: 1.1, max: 4, noNaN: true }),
    cooldownSeconds: fc.integer({ min: 0, max: 20 }),
  })
  .map(({ min, more, metric, value, windowSeconds, ratio, cooldownSeconds }) =>
    Scaling.parse({
      min,
      max: Math.max(1, min + more),
      target: { metric, value },
      windowSeconds,
      panic: { seconds: Math.min(2, windowSeconds), ratio },
      cooldownSeconds,
    }),
  )

const ticks = fc.constantFrom(250, 1_000)

describe('laws', () => {
  test('the number is never below min and never above max', () => {
    fc.assert(
      fc.property(policies, fc.oneof(loads, histories), ticks, (policy, history, tickMs) => {
        for (const { count } of run(policy, history, { tickMs })) {
          expect(count).toBeGreaterThanOrEqual(policy.min)
          expect(count).toBeLessThanOrEqual(policy.max)
        }
      }),
    )
  })

  test('no decrease follows an increase within the window, nor any change within the cooldown', () => {
    fc.assert(
      fc.property(policies, histories, ticks, (policy, history, tickMs) => {
        let raisedAtMs = Number.NEGATIVE_INFINITY
        let changedAtMs = Number.NEGATIVE_INFINITY
        let before = policy.min
        for (const { count, atMs } of run(policy, history, { tickMs })) {
          if (count < before) {
            expect(atMs - raisedAtMs).toBeGreaterThanOrEqual(policy.windowSeconds * 1_000)
            expect(atMs - changedAtMs).toBeGreaterThanOrEqual(policy.cooldownSeconds * 1_000)
          }
          if (count > before) raisedAtMs = atMs
          if (count !== before) changedAtMs = atMs
          before = count
        }
      }),
    )
  })

  test('the same history gives the same numbers and reasons', () => {
    fc.assert(
      fc.property(policies, histories, (policy, history) => {
        expect(run(policy, history)).toEqual(run(policy, history))
      }),
    )
  })

  test('the hours of a day never exceed the budget', () => {
    const day = fc.tuple(policies, fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 24, maxLength: 24 }))
    fc.assert(
      fc.property(day, fc.double({ min: 1, max: 40, noNaN: true }), ([policy, hours], extra) => {
        const budgetHours = policy.min * 24 + extra
        const history = hours.flatMap((concurrency) => times(6, { concurrency, busy: concurrency, rps: concurrency }))
        for (const step of run({ ...policy, budgetHours }, history, { tickMs: 600_000 })) {
          expect(step.hours).toBeLessThanOrEqual(budgetHours + 1e-6)
        }
      }),
    )
  })

  test('a waiting request never meets zero units', () => {
    fc.assert(
      fc.property(policies, histories, (policy, history) => {
        for (const [at, { count }] of run(policy, history).entries()) {
          if ((history[at]?.concurrency ?? 0) > 0) expect(count).toBeGreaterThan(0)
        }
      }),
    )
  })

  test('each decision has words', () => {
    fc.assert(
      fc.property(policies, histories, (policy, history) => {
        for (const decision of run(policy, history)) {
          const words = scaleReason(policy, decision, 'replica')
          expect(words.length).toBeGreaterThan(5)
          expect(words.length).toBeLessThan(300)
        }
      }),
    )
  })
})
