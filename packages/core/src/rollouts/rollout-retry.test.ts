/** Devices that a person asks again: under a budget, and while a wave waits for approval. */
import { Strategy } from '@skerry/contract/deployments/deployment'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import { expect, test } from 'vitest'
import { awaitsApproval } from './rollout-state.ts'
import { planRollout } from './waves.ts'

test('who was borne waits for a place in the budget, as everybody does', () => {
  const plan = planRollout(Strategy.parse({ budget: { maxUnavailable: 1 }, waves: [{ failuresMax: 0 }] }))
  const rollout = simulateRollout(plan, [4])
  // The first and the last are of one group.
  expect(rollout.outcomes()).toBe('offered offered offered waiting')
  rollout.failed(0)
  rollout.send({ kind: 'resume', reason: 'seen' })
  expect(rollout.outcomes()).toBe('tolerated offered offered offered')
  rollout.send({ kind: 'retry', reason: 'mended' })
  expect(rollout.outcomes()).toBe('waiting offered offered offered')
  rollout.healthy(3)
  expect(rollout.outcomes()).toBe('offered offered offered healthy')
})

test('a wave that waits for approval waits no more while devices before it are asked again, and is asked for anew', () => {
  const waves = [{ limit: 1, failuresMax: 1 }, { approval: true }]
  const rollout = simulateRollout(planRollout(Strategy.parse({ waves })), [1, 1])
  const approve = { kind: 'approve', reason: 'looks well' } as const
  rollout.rejected(0)
  expect(awaitsApproval(rollout.state())).toBe(true)
  rollout.send({ kind: 'retry', reason: 'made room' })
  expect(awaitsApproval(rollout.state())).toBe(false)
  rollout.send(approve)
  expect(rollout.refused).toEqual(['no wave of the rollout waits for approval now'])
  rollout.healthy(0)
  expect([awaitsApproval(rollout.state()), rollout.state().wave]).toEqual([true, 0])
  rollout.send(approve)
  expect(rollout.state().wave).toBe(1)
  expect(rollout.decisions.map(({ action }) => action)).toEqual([
    'rollout.approval_awaited',
    'rollout.approval_awaited',
    'rollout.wave_opened',
  ])
})

test('nor while somebody who joined late has not told how it goes', () => {
  const waves = [{ limit: 1 }, { approval: true }]
  const rollout = simulateRollout(planRollout(Strategy.parse({ waves })), [1, 1])
  rollout.healthy(0)
  rollout.join(0)
  expect(awaitsApproval(rollout.state())).toBe(false)
  rollout.healthy(2)
  expect(awaitsApproval(rollout.state())).toBe(true)
})
