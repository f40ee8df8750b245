/** Quarantine in a rollout: who is left out of it, and that it makes no difference to all others. */
import { Strategy } from '@skerry/contract/deployments/deployment'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planRollout } from '../rollouts/waves.ts'
import { quarantineMove, statusAfterRelease } from './quarantine.ts'

type Rollout = ReturnType<typeof simulateRollout>

const planOf = (strategy: object) => planRollout(Strategy.parse(strategy))

/** As the hub does it: looks at the row, and sends what is to happen. */
function settle(rollout: Rollout, plan: ReturnType<typeof planOf>, index: number, isQuarantined: boolean) {
  const member = { ...rollout.rowOf(index) }
  const kind = quarantineMove({ plan, state: rollout.state(), member, isQuarantined })
  if (kind) rollout.send({ kind, deviceId: member.id, member })
  return kind
}

test('who has not told is left out, and asked anew when it is released; looking twice changes nothing', () => {
  const plan = planOf({ waves: [{ limit: 1, failuresMax: '40%' }] })
  const rollout = simulateRollout(plan, [2, 2])
  expect([settle(rollout, plan, 0, true), settle(rollout, plan, 0, true)]).toEqual(['aside', undefined])
  rollout.healthy(1)
  expect(rollout.outcomes()).toBe('skipped healthy offered offered')
  expect([settle(rollout, plan, 2, true), settle(rollout, plan, 2, false)]).toEqual(['aside', 'back'])
  expect([settle(rollout, plan, 0, false), settle(rollout, plan, 0, false)]).toEqual(['back', undefined])
  expect(rollout.outcomes()).toBe('offered healthy offered offered')
})

test('what it told before stays counted', () => {
  const plan = planOf({ waves: [{ failuresMax: 1 }] })
  const rollout = simulateRollout(plan, [3])
  rollout.failed(0)
  rollout.healthy(1)
  for (const index of [0, 1]) expect(settle(rollout, plan, index, true)).toBeUndefined()
  rollout.failed(2)
  expect(rollout.state().status).toBe('paused')
})

test('in a rollout that has ended, and past the last wave, there is nothing to leave out', () => {
  const plan = planOf({})
  const { state } = simulateRollout(plan, [1])
  const waiting = { wave: 0, outcome: 'waiting' } as const
  const late = { wave: 1, outcome: 'waiting' } as const
  expect(quarantineMove({ plan, state: state(), member: late, isQuarantined: true })).toBeUndefined()
  const ended = { ...state(), status: 'done' as const }
  expect(quarantineMove({ plan, state: ended, member: waiting, isQuarantined: true })).toBeUndefined()
})

test('who was skipped for being offline is not asked for having been in quarantine, unless its wave must pass', () => {
  const member = { wave: 0, outcome: 'skipped' } as const
  const moveIn = (strategy: object) => {
    const plan = planOf(strategy)
    return quarantineMove({ plan, state: simulateRollout(plan, [1]).state(), member, isQuarantined: false })
  }
  expect(moveIn({ offline: 'skip' })).toBeUndefined()
  expect(moveIn({ offline: 'skip', waves: [{ selector: 'true', mandatory: true, failuresMax: 0 }] })).toBe('back')
  expect(moveIn({})).toBe('back')
})

test('a device in quarantine makes no difference to what becomes of the others', () => {
  const anyHistory = fc.array(fc.tuple(fc.constantFrom('healthy' as const, 'failed' as const), fc.nat(3)))
  const anyLimit = fc.constantFrom(0, 1, '0%', '34%', '50%')
  fc.assert(
    fc.property(anyHistory, anyLimit, (history, failuresMax) => {
      const plan = planOf({ waves: [{ failuresMax }], onFailure: 'abort' })
      const without = simulateRollout(plan, [4])
      const beside = simulateRollout(plan, [5])
      settle(beside, plan, 4, true)
      for (const [heard, index] of history) for (const rollout of [without, beside]) rollout.report(index, heard)
      for (const rollout of [without, beside]) rollout.tick(1)
      expect(beside.outcomes()).toBe(`${without.outcomes()} skipped`)
      expect(beside.state().status).toBe(without.state().status)
    }),
  )
})

test('release settles no conflict', () => {
  expect(statusAfterRelease(['clock_wrong'])).toBe('active')
  expect(statusAfterRelease(['clock_wrong', 'generation_conflict'])).toBe('conflict-paused')
})
