/** The laws of devices that begin to match while a rollout is under way. Which wave they join is in waves.test.ts. */
import { Strategy } from '@skerry/contract/deployments/deployment'
import { isWithinBudget } from '@skerry/testkit/judges/budget-judge'
import { histories } from '@skerry/testkit/simulation/histories'
import { countGroup, simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import { law } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RolloutEvent } from './rollout.ts'
import { planRollout } from './waves.ts'

const reason = 'bad model'
const anyEnd = fc.constantFrom<RolloutEvent>(
  { kind: 'abort', reason },
  { kind: 'rollback', reason },
  { kind: 'supersede', revision: 2 },
)
const anyWish = fc.constantFrom<RolloutEvent>(
  ...(['resume', 'approve', 'retry', 'pause'] as const).map((kind) => ({ kind, reason })),
)
const anyStep = fc.oneof(
  fc.record({ kind: fc.constant('join' as const), wave: fc.nat(3) }),
  fc.record({ kind: fc.constantFrom('healthy' as const, 'failed' as const, 'rejected' as const), index: fc.nat(12) }),
  fc.record({ kind: fc.constant('tick' as const), ms: fc.nat(70_000) }),
  anyWish.map((event) => ({ kind: 'send' as const, event })),
)
type Simulation = ReturnType<typeof simulateRollout>
type Step = typeof anyStep extends fc.Arbitrary<infer One> ? One : never

function play(rollout: Simulation, step: Step) {
  if (step.kind === 'join') rollout.join(Math.min(step.wave, rollout.state().waves.length))
  else if (step.kind === 'tick') rollout.tick(step.ms)
  else if (step.kind === 'send') rollout.send(step.event)
  else if (rollout.rows[step.index]) rollout.report(step.index, step.kind)
}

const waves = [{ limit: 1, failuresMax: 2 }, { limit: 1, failuresMax: 2, deadlineSeconds: 60 }, { failuresMax: 4 }]
const plan = (more: object = {}) => planRollout(Strategy.parse({ waves, ...more }))
const steps = fc.array(anyStep, { maxLength: 12 })

test('a release that was ended is never offered to whoever joins late, whatever happens then', law, () => {
  fc.assert(
    fc.property(steps, anyEnd, steps, (before, end, after) => {
      const rollout = simulateRollout(plan(), [2, 2, 2])
      for (const step of before) play(rollout, step)
      rollout.send(end)
      fc.pre(rollout.state().status !== 'done')
      const there = rollout.rows.length
      for (const step of after) {
        play(rollout, step)
        expect(rollout.offered().filter((index) => index >= there)).toEqual([])
      }
    }),
    histories('late joiners of ended releases'),
  )
})

test('whoever joins late is offered it within the rate and the budget, as everybody is', law, () => {
  const budget = { groupBy: 'device.labels.line', maxUnavailable: 1 } as const
  const paced = plan({ rate: { perMinute: 2 }, budget })
  fc.assert(
    fc.property(steps, (history) => {
      const rollout = simulateRollout(paced, [2, 2, 2])
      const offers: number[] = rollout.offered().map(() => 0)
      for (const step of history) {
        const before = new Set(rollout.offered())
        play(rollout, step)
        if (rollout.state().status === 'done') return
        const news = rollout.offered().filter((index) => !before.has(index))
        offers.push(...news.map(() => rollout.nowMs()))
        const lastMinute = offers.filter((atMs) => atMs > rollout.nowMs() - 60_000)
        expect(lastMinute.length).toBeLessThanOrEqual(2)
        for (const index of news) {
          expect(isWithinBudget(budget, countGroup(rollout.rows, rollout.rowOf(index).group))).toBe(true)
        }
      }
    }),
    histories('pace of late joiners'),
  )
})
