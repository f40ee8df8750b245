import { Strategy } from '@skerry/contract/deployments/deployment'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import { expect, test } from 'vitest'
import { isOfferHeld, lastGoodRevision, offeredRevision } from '../devices/desired.ts'
import { isHeldBack } from './rollout-state.ts'
import { planRollout } from './waves.ts'

const planOf = (strategy: object) => planRollout(Strategy.parse({ switchOver: {}, ...strategy }))
const begin = (sizes: number[], strategy: object = {}) => simulateRollout(planOf(strategy), sizes)
const approve = { kind: 'approve', reason: 'all are ready' } as const

/** Devices that have the order to serve the revision. */
const told = (rollout: ReturnType<typeof begin>) =>
  rollout.offered().filter((index) => !isHeldBack(rollout.state(), rollout.rowOf(index)))

test('all devices prepare, a person approves, and then all devices switch at once', () => {
  const rollout = begin([1, 2, 0], { waves: [{ limit: 1 }] })
  expect([rollout.offered(), told(rollout)]).toEqual([[0], []])
  rollout.healthy(0)
  expect(rollout.offered()).toEqual([0, 1, 2])
  rollout.healthy(1, 2)
  expect([rollout.state().wave, told(rollout)]).toEqual([1, []])
  rollout.send(approve)
  expect([rollout.state().wave, told(rollout)]).toEqual([2, [0, 1, 2]])
  expect(rollout.state().waves.map(({ counts }) => counts.offered)).toEqual([0, 0, 3])
  rollout.healthy(0, 1, 2)
  expect(rollout.state().status).toBe('done')
  expect(rollout.decisions.map(({ action, detail }) => `${action} ${detail.wave}`)).toEqual([
    'rollout.wave_opened rest',
    'rollout.approval_awaited rest',
    'rollout.wave_opened switch',
    'rollout.done switch',
  ])
})

test('without approval the switch follows by itself, even if the last wave is empty', () => {
  const rollout = begin([2, 0, 0], { switchOver: { approval: false }, waves: [{ limit: 2 }] })
  rollout.healthy(0, 1)
  rollout.send({ kind: 'tick' })
  expect([rollout.state().wave, told(rollout)]).toEqual([2, [0, 1]])
})

test('a device that waits for its switch under a rate stays prepared, for any reports', () => {
  const rollout = begin([3, 0], { switchOver: { approval: false }, rate: { perMinute: 1 } })
  for (let minute = 0; minute < 3; minute++) {
    rollout.healthy(...rollout.rows.flatMap(({ outcome }, index) => (outcome === 'offered' ? [index] : [])))
    rollout.tick(61_000)
  }
  expect([rollout.state().wave, rollout.offered(), told(rollout)]).toEqual([1, [0, 1, 2], [0]])
  rollout.healthy(1)
  rollout.failed(2)
  expect(rollout.outcomes()).toBe('offered waiting waiting')
})

test('a device that prepares too late does not block the switch, and switches when it is ready', () => {
  const rollout = begin([4, 0], { waves: [{ failuresMax: '25%' }] })
  rollout.healthy(0, 1, 2)
  rollout.tick(86_400_000)
  rollout.send(approve)
  expect([rollout.state().status, told(rollout)]).toEqual(['rolling', [0, 1, 2]])
  rollout.healthy(3)
  expect(told(rollout)).toEqual([0, 1, 2, 3])
})

test('an abort discards prepared versions before the switch, and keeps healthy ones after it', () => {
  const before = begin([2, 0])
  before.healthy(0, 1)
  before.send({ kind: 'abort', reason: 'no' })
  expect(before.offered()).toEqual([])
  const after = begin([2, 0])
  after.healthy(0, 1)
  after.send(approve)
  after.healthy(0)
  after.send({ kind: 'abort', reason: 'no' })
  expect([after.offered(), told(after)]).toEqual([[0], [0]])
})

test('a failure after the switch rolls back all devices if the strategy requires it', () => {
  const rollout = begin([2, 0], { onFailure: 'rollback-all' })
  rollout.healthy(0, 1)
  rollout.send(approve)
  rollout.healthy(0)
  rollout.failed(1)
  expect([rollout.state().status, rollout.offered()]).toEqual(['rolled-back', []])
})

test('a prepared version is not the rollback target', () => {
  const rollout = begin([1, 0])
  rollout.healthy(0)
  const claim = () => ({
    deploymentId: 'dep_aaaaaaaa' as never,
    rollout: rollout.state(),
    revision: 2,
    member: { ...rollout.rowOf(0), previousRevision: 1 },
  })
  expect([offeredRevision(claim()), isOfferHeld(claim()), lastGoodRevision(claim())]).toEqual([2, true, 1])
  rollout.send(approve)
  rollout.healthy(0)
  expect([offeredRevision(claim()), isOfferHeld(claim()), lastGoodRevision(claim())]).toEqual([2, false, 2])
})

test('if all switched devices have left, the rollout waits for a new device before success', () => {
  const rollout = begin([1, 0], { switchOver: { approval: false } })
  rollout.healthy(0)
  rollout.leave(0)
  rollout.join(0)
  expect([rollout.state().status, rollout.outcomes(), told(rollout)]).toEqual(['rolling', 'offered', []])
  rollout.healthy(0)
  expect([rollout.state().status, told(rollout)]).toEqual(['rolling', [0]])
  rollout.healthy(0)
  expect(rollout.state().status).toBe('done')
})
