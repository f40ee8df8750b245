import { Strategy } from '@skerry/contract/deployments/deployment'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeWave, limitProblem, NO_COUNTS } from './wave-verdict.ts'
import { type PlannedWave, planRollout } from './waves.ts'

const planOf = (waves: object[], rest: object = {}) => planRollout(Strategy.parse({ waves, ...rest }))

/** docs/deploying.md has the rule in words. */
test.each([
  ['nobody has told: no share, and no success', { offered: 4 }, undefined, 'undecided'],
  ['who is offline has not told', { healthy: 2, offered: 2 }, undefined, 'undecided'],
  [
    'its deadline makes it a failure',
    { healthy: 2, 'timed-out': 2 },
    '2 of 4 failed in wave all, 20% allowed',
    'decided',
  ],
  ['fewer than minExecuted: no share is taken', { failed: 1, offered: 3 }, undefined, 'undecided'],
  [
    'from minExecuted on it is',
    { failed: 1, healthy: 1, offered: 2 },
    '1 of 2 failed in wave all, 20% allowed',
    'undecided',
  ],
  ['all kinds count', { rejected: 1, healthy: 4 }, undefined, 'decided'],
  [
    'all kinds count together',
    { rejected: 1, failed: 1, healthy: 4 },
    '2 of 6 failed in wave all, 20% allowed',
    'decided',
  ],
  ['who was left out had no chance', { healthy: 2, skipped: 8 }, undefined, 'decided'],
  [
    'who is borne makes no room for another',
    { failed: 1, healthy: 3, tolerated: 6 },
    '1 of 4 failed in wave all, 20% allowed',
    'decided',
  ],
  ['too few at the end: nothing is concluded', { healthy: 1, skipped: 3 }, undefined, 'inconclusive'],
  ['nobody at all: nothing is concluded', { skipped: 4 }, undefined, 'inconclusive'],
  ['an empty wave: nothing is concluded', {}, undefined, 'inconclusive'],
] as const)('%s', (_, counts, problem, verdict) => {
  const [wave] = planOf([{ name: 'all', failuresMax: '20%', minExecuted: 2 }]).waves
  const state = { counts: { ...NO_COUNTS, ...counts } }
  expect(limitProblem(wave as PlannedWave, state)).toBe(problem)
  expect(judgeWave(wave as PlannedWave, state, 0)).toBe(verdict)
})

test('a share is of those who had a chance: whoever has not told, or was left out, changes nothing', () => {
  const count = fc.nat({ max: 9 })
  const told = fc.record({ healthy: count, failed: count, rejected: count, 'timed-out': count })
  const others = fc.record({ waiting: count, offered: count, tolerated: count, skipped: count })
  const wave = fc.record({
    failuresMax: fc.constantFrom('0%', '10%', '50%', 0, 2),
    minExecuted: fc.integer({ min: 1, max: 9 }),
  })
  fc.assert(
    fc.property(told, others, wave, (decided, rest, given) => {
      const [planned] = planOf([{ name: 'all', ...given }]).waves
      const problemOf = (more: object) =>
        limitProblem(planned as PlannedWave, { counts: { ...NO_COUNTS, ...decided, ...more } })
      expect(problemOf(rest)).toBe(problemOf({}))
      const failures = decided.failed + decided.rejected + decided['timed-out']
      const total = failures + decided.healthy
      const share = typeof given.failuresMax === 'string' ? Number.parseFloat(given.failuresMax) / 100 : undefined
      const isBroken =
        share === undefined
          ? failures > Number(given.failuresMax)
          : total >= given.minExecuted && failures > share * total
      expect(problemOf({}) !== undefined).toBe(isBroken)
      if (total === 0)
        expect(judgeWave(planned as PlannedWave, { counts: { ...NO_COUNTS, ...rest, tolerated: 0 } }, 0)).not.toBe(
          'passed',
        )
    }),
  )
})

test('each kind of failure has limits of its own, and all count against the common one', () => {
  const limits = [
    { kind: 'rejected', max: 1 },
    { kind: 'failed', max: 0 },
    { kind: 'all', max: '30%', minExecuted: 8 },
  ]
  const rollout = () => simulateRollout(planOf([{ failuresMax: 3, limits, deadlineSeconds: 60 }]), [10])
  const reasonAfter = (act: (rollout: ReturnType<typeof simulateRollout>) => void) => {
    const played = rollout()
    act(played)
    return played.state().reason
  }
  expect(reasonAfter((played) => played.rejected(0))).toBeUndefined()
  expect(reasonAfter((played) => played.rejected(0, 1))).toBe('2 rejected it in wave wave-1, 1 allowed')
  expect(reasonAfter((played) => played.failed(0))).toBe('1 failed by themselves in wave wave-1, 0 allowed')
  expect(reasonAfter((played) => played.tick(60_000))).toBe('10 failed in wave wave-1, 3 allowed')
  const share = simulateRollout(planOf([{ failuresMax: 9, limits: limits.slice(2) }]), [10])
  share.rejected(0, 1, 2)
  share.healthy(3, 4, 5, 6)
  expect(share.state().status).toBe('rolling')
  share.rejected(7)
  expect(share.state().reason).toBe('4 of 8 failed in wave wave-1, 30% allowed')
})

test('a mandatory wave waits for whoever is silent, and stops at the first failure', () => {
  const plan = planOf([{ name: 'safety', limit: 2, mandatory: true, deadlineSeconds: 60 }], { offline: 'skip' })
  const rollout = simulateRollout(plan, [2, 1])
  expect(rollout.outcomes()).toBe('offered offered waiting')
  rollout.healthy(0)
  rollout.tick(59_000)
  expect([rollout.state().wave, rollout.outcomes()]).toEqual([0, 'healthy offered waiting'])
  rollout.tick(1_000)
  expect(rollout.state()).toMatchObject({ status: 'paused', reason: '1 failed in wave safety, 0 allowed', wave: 0 })
  const secondWave = (mandatory: boolean) => {
    const away = simulateRollout(
      planOf(
        [
          { mandatory: true, limit: 1 },
          { limit: 1, mandatory },
        ],
        { offline: 'skip' },
      ),
      [1, 1, 0],
    )
    away.rowOf(1).isOnline = false
    away.healthy(0)
    return away.outcomes()
  }
  expect([secondWave(true), secondWave(false)]).toEqual(['healthy offered', 'healthy skipped'])
})

test.each([
  [
    [{ limit: 1 }, { mandatory: true }],
    [1, 'mandatory'],
  ],
  [[{ mandatory: true, failuresMax: 1 }], [0, 'mandatory']],
  [
    [{ mandatory: true }, { mandatory: true, failuresMax: '10%' }],
    [1, 'mandatory'],
  ],
])('%j is refused', (waves, path) => {
  const [issue] = Strategy.safeParse({ waves }).error?.issues ?? []
  expect(issue?.path).toEqual(['waves', ...path])
})

test('a device that rejected it is not asked again by itself, only when a person says so', () => {
  const rollout = simulateRollout(planOf([{ failuresMax: 1 }], { retry: { max: 2, backoffSeconds: 1 } }), [3])
  rollout.rejected(0)
  rollout.failed(1)
  expect(rollout.outcomes()).toBe('rejected offered offered')
  rollout.rejected(1)
  expect([rollout.outcomes(), rollout.state().status]).toEqual(['rejected rejected offered', 'paused'])
  rollout.send({ kind: 'resume', reason: 'seen' })
  rollout.rejected(0)
  expect(rollout.outcomes()).toBe('tolerated tolerated offered')
  rollout.send({ kind: 'retry', reason: 'more memory' })
  expect(rollout.outcomes()).toBe('offered offered offered')
})
