import { Strategy } from '@skerry/contract/deployments/deployment'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import { expect, test } from 'vitest'
import { isOfferHeld, lastGoodRevision, offeredRevision } from '../devices/desired.ts'
import { isHeldBack } from './rollout-state.ts'
import { planRollout } from './waves.ts'

const planOf = (strategy: object) => planRollout(Strategy.parse({ switchOver: {}, ...strategy }))
const begin = (sizes: number[], strategy: object = {}) => simulateRollout(planOf(strategy), sizes)
const approve = { kind: 'approve', reason: 'all are ready' } as const

/** Devices that are told to serve the revision. */
const told = (rollout: ReturnType<typeof begin>) =>
  rollout.offered().filter((index) => !isHeldBack(rollout.state(), rollout.rowOf(index)))

test('all get it ready, a person approves, and then all switch at once', () => {
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

test('without approval the switch follows by itself, and a last wave that is empty is no obstacle', () => {
  const rollout = begin([2, 0, 0], { switchOver: { approval: false }, waves: [{ limit: 2 }] })
  rollout.healthy(0, 1)
  rollout.send({ kind: 'tick' })
  expect([rollout.state().wave, told(rollout)]).toEqual([2, [0, 1]])
})

test('within a rate, who is not told yet goes on having it ready, whatever it says meanwhile', () => {
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

test('who did not get ready in time stays behind, is no reason against the switch, and switches when it is ready after all', () => {
  const rollout = begin([4, 0], { waves: [{ failuresMax: '25%' }] })
  rollout.healthy(0, 1, 2)
  rollout.tick(86_400_000)
  rollout.send(approve)
  expect([rollout.state().status, told(rollout)]).toEqual(['rolling', [0, 1, 2]])
  rollout.healthy(3)
  expect(told(rollout)).toEqual([0, 1, 2, 3])
})

test('before the switch an abort has everybody give it up; after it, who serves it well keeps it', () => {
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

test('a failure after the switch takes all back where the strategy says so', () => {
  const rollout = begin([2, 0], { onFailure: 'rollback-all' })
  rollout.healthy(0, 1)
  rollout.send(approve)
  rollout.healthy(0)
  rollout.failed(1)
  expect([rollout.state().status, rollout.offered()]).toEqual(['rolled-back', []])
})

test('what a device has ready is not what it goes back to', () => {
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

test('when all who have switched are gone, it waits for who has just joined: nothing heard is no success', () => {
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
