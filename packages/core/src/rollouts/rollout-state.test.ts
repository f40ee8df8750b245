import { Strategy } from '@skerry/contract/deployments/deployment'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import { expect, test } from 'vitest'
import { step } from './rollout.ts'
import { dueAtMs, openWaves, startRollout } from './rollout-state.ts'
import { planRollout } from './waves.ts'

const planOf = (waves: object[]) => planRollout(Strategy.parse({ waves }))

test('nothing is due after the end, though devices were under way', () => {
  const rollout = simulateRollout(planOf([{ limit: 1 }]), [1, 2])
  rollout.send({ kind: 'abort', reason: 'bad model' })
  expect(dueAtMs(planOf([{ limit: 1 }]), rollout.state())).toBeUndefined()
})

test('a soak is not due while paused, and a deadline is', () => {
  const plan = planOf([{ limit: 1, soakSeconds: 60 }])
  const rollout = simulateRollout(plan, [1, 1])
  rollout.healthy(0)
  expect(dueAtMs(plan, rollout.state())).toBe(60_000)
  rollout.send({ kind: 'pause', reason: 'lunch' })
  expect(dueAtMs(plan, rollout.state())).toBeUndefined()
})

test('throws when rows and counters do not fit, or the plan is another', () => {
  const steps = step(planOf([{}]), startRollout(planOf([{}]), [2], 0), { kind: 'tick' }, 0)
  steps.next()
  expect(() => steps.next(1)).toThrow('1 rows changed in wave 0, 2 were waiting')
  expect(() => openWaves({ ...planOf([{}]), waves: [] }, startRollout(planOf([{}]), [1], 0))).toThrow(
    'its plan does not have',
  )
})
