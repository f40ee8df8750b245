/** Devices that wait for a window or a lock, in a rollout. */
import { Strategy } from '@skerry/contract/deployments/deployment'
import { type SimulatedRow, simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { HOLD_MAX_MS } from './rollout-hearing.ts'
import { isEnded } from './rollout-state.ts'
import { planRollout } from './waves.ts'

const DEADLINE_MS = 10_000
const planOf = (onFailure: Strategy['onFailure'] = 'pause', failuresMax = 0) =>
  planRollout(Strategy.parse({ waves: [{ deadlineSeconds: DEADLINE_MS / 1_000, failuresMax }], onFailure }))

test('who waits has not timed out; its time begins when its window opens', () => {
  const rollout = simulateRollout(planOf(), [2])
  rollout.hold(0, 50_000)
  rollout.healthy(1)
  rollout.tick(49_000)
  expect([rollout.outcomes(), rollout.state().status]).toEqual(['offered healthy', 'rolling'])
  rollout.tick(1_000 + DEADLINE_MS - 1)
  expect(rollout.outcomes()).toBe('offered healthy')
  rollout.tick(1)
  expect([rollout.outcomes(), rollout.state().status]).toEqual(['timed-out healthy', 'paused'])
})

test('who waits for ever has timed out in the end', () => {
  const rollout = simulateRollout(planOf(), [1])
  for (let day = 0; day < 35; day++) {
    rollout.hold(0, rollout.nowMs() + 2 * 86_400_000)
    rollout.tick(86_400_000)
    expect(rollout.outcomes()).toBe('offered')
  }
  rollout.hold(0, rollout.nowMs() + 2 * 86_400_000)
  rollout.tick(HOLD_MAX_MS - rollout.nowMs() + DEADLINE_MS)
  expect(rollout.outcomes()).toBe('timed-out')
})

test('asked again, it has all its time', () => {
  const rollout = simulateRollout(planOf('pause', 1), [2])
  rollout.hold(0, 5_000)
  rollout.tick(5_000 + DEADLINE_MS)
  expect(rollout.outcomes()).toBe('timed-out timed-out')
  rollout.send({ kind: 'retry', reason: 'power was off' })
  expect(rollout.rowOf(0).heldUntilMs).toBeUndefined()
  rollout.tick(DEADLINE_MS - 1)
  expect(rollout.outcomes()).toBe('offered offered')
})

test('what a device says that is not asked, or after the end, holds nothing', () => {
  const rollout = simulateRollout(planOf(), [1, 1].slice(0, 1))
  rollout.healthy(0)
  rollout.hold(0, 1_000)
  expect(rollout.rowOf(0).heldUntilMs).toBeUndefined()
  expect(isEnded(rollout.state())).toBe(true)
})

type Simulation = ReturnType<typeof simulateRollout>

function lawOfTime(rollout: Simulation, index: number, before: SimulatedRow, isTick: boolean): void {
  const { outcome, offeredAtMs, heldUntilMs = 0 } = before
  if (outcome !== 'offered') return
  const startMs = Math.min(Math.max(offeredAtMs, heldUntilMs), offeredAtMs + HOLD_MAX_MS)
  const now = rollout.rowOf(index).outcome
  if (now === 'timed-out') expect(startMs + DEADLINE_MS).toBeLessThanOrEqual(rollout.nowMs())
  if (now === 'offered' && isTick) expect(startMs + DEADLINE_MS).toBeGreaterThan(rollout.nowMs())
}

test('in any history, nobody times out before its time is over, nor waits past the longest hold', () => {
  const anyAct = fc.oneof(
    fc.record({ index: fc.nat(3), holdMs: fc.integer({ min: -5_000, max: 60_000 }) }),
    fc.record({ tickMs: fc.oneof(fc.nat(20_000), fc.nat(HOLD_MAX_MS)) }),
    fc.record({ healthy: fc.nat(3) }),
  )
  const law = fc.property(fc.array(anyAct, { maxLength: 40 }), (acts) => {
    const rollout = simulateRollout(planOf('pause', 4), [4])
    for (const act of acts) {
      const before = rollout.rows.map((row) => ({ ...row }))
      if ('tickMs' in act) rollout.tick(act.tickMs)
      else if ('healthy' in act) rollout.healthy(act.healthy)
      else rollout.hold(act.index, rollout.nowMs() + act.holdMs)
      for (const [index, row] of before.entries()) lawOfTime(rollout, index, row, 'tickMs' in act)
    }
  })
  fc.assert(law, { numRuns: 1_000 })
})
