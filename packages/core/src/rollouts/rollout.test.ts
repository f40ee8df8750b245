import type { Amount } from '@skerry/contract/deployments/amount'
import { Strategy } from '@skerry/contract/deployments/deployment'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import { expect, test } from 'vitest'
import type { RolloutEvent } from './rollout.ts'
import { dueAtMs } from './rollout-state.ts'
import { planRollout } from './waves.ts'

const planOf = (waves: object[], rest: object = {}) => planRollout(Strategy.parse({ waves, ...rest }))
const pause: RolloutEvent = { kind: 'pause', reason: 'lunch' }
const resume: RolloutEvent = { kind: 'resume', reason: 'seen' }
const abort: RolloutEvent = { kind: 'abort', reason: 'bad model' }
const rollback: RolloutEvent = { kind: 'rollback', reason: 'bad model' }

/** One canary, then two more. */
const small = (rest: object = {}) => simulateRollout(planOf([{ name: 'canary', limit: 1 }], rest), [1, 2])

test('a wave opens when all devices of the previous wave are healthy, and the last one completes', () => {
  const rollout = small()
  expect(rollout.offered()).toEqual([0])
  rollout.healthy(0)
  expect(rollout.offered()).toEqual([0, 1, 2])
  rollout.healthy(2, 1)
  expect(rollout.state().status).toBe('done')
  expect(rollout.decisions.map(({ action }) => action)).toEqual(['rollout.wave_opened', 'rollout.done'])
})

test('a rollout pauses if too many devices fail, and reports the numbers', () => {
  const rollout = small()
  rollout.failed(0)
  expect(rollout.state()).toMatchObject({ status: 'paused', reason: '1 failed in wave canary, 0 allowed', wave: 0 })
  const detail = { wave: 'canary', reason: '1 failed in wave canary, 0 allowed', counts: { failed: 1 } }
  expect(rollout.decisions).toMatchObject([{ action: 'rollout.paused', detail }])
})

test('a failure count has a limit, and a share waits for minExecuted', () => {
  const verdict = (failuresMax: Amount, minExecuted: number, ...failed: number[]) => {
    const rollout = simulateRollout(planOf([{ failuresMax, minExecuted }]), [10])
    rollout.failed(...failed)
    return rollout.state().status
  }
  expect([verdict(1, 1, 0), verdict(1, 1, 0, 1)]).toEqual(['rolling', 'paused'])
  expect([verdict('20%', 1, 0), verdict('20%', 3, 0, 1), verdict('20%', 3, 0, 1, 2)]).toEqual([
    'paused',
    'rolling',
    'paused',
  ])
  const rollout = simulateRollout(planOf([{ failuresMax: '20%', minExecuted: 5 }]), [10])
  rollout.failed(0)
  rollout.healthy(1, 2, 3, 4)
  expect(rollout.state().status).toBe('rolling')
  rollout.failed(5)
  expect(rollout.state()).toMatchObject({ status: 'paused', reason: '2 of 6 failed in wave wave-1, 20% allowed' })
})

test('reports that are read at once are all heard before the gate judges them, whatever their order', () => {
  const plan = planOf([{ failuresMax: '20%', minExecuted: 5 }])
  const reports = Array.from({ length: 20 }, (_, index) => [index, index < 4 ? 'failed' : 'healthy'] as const)
  for (const order of [reports, reports.toReversed()]) {
    const rollout = simulateRollout(plan, [20])
    rollout.reportTogether(order)
    expect(rollout.state()).toMatchObject({ status: 'done', waves: [{ counts: { failed: 4, healthy: 16 } }] })
  }
  const oneMore = simulateRollout(plan, [20])
  oneMore.reportTogether([...reports.slice(0, -1), [19, 'failed']])
  expect(oneMore.state()).toMatchObject({ status: 'paused', reason: '5 of 20 failed in wave wave-1, 20% allowed' })
})

test('a resume tolerates known failures, and new failures still count', () => {
  const rollout = simulateRollout(planOf([{ failuresMax: 0 }]), [3])
  rollout.failed(0)
  rollout.send(resume)
  expect([rollout.state().status, rollout.state().reason, rollout.outcomes()]).toEqual([
    'rolling',
    undefined,
    'tolerated offered offered',
  ])
  rollout.failed(0)
  expect(rollout.state().status, 'heard again').toBe('rolling')
  rollout.healthy(0)
  rollout.failed(0)
  expect(rollout.state().status, 'it recovered, and fails anew').toBe('paused')
  rollout.send(resume)
  rollout.failed(1)
  expect(rollout.state().status, "another's").toBe('paused')
})

test('tolerated failures do not dilute the share of other failures', () => {
  const rollout = simulateRollout(planOf([{ failuresMax: '40%' }]), [10])
  rollout.failed(0)
  rollout.send(resume)
  rollout.healthy(1)
  rollout.failed(2)
  expect(rollout.state()).toMatchObject({ status: 'paused', reason: '1 of 2 failed in wave wave-1, 40% allowed' })
})

test('a paused rollout makes no new offers, but still counts reports', () => {
  const rollout = small()
  rollout.send(pause)
  rollout.healthy(0)
  expect([rollout.state().status, rollout.outcomes()]).toEqual(['paused', 'healthy waiting waiting'])
  rollout.join(0)
  expect(rollout.offered(), 'a late joiner of an open wave waits too').toEqual([0])
  rollout.send(resume)
  expect(rollout.offered()).toEqual([0, 3])
})

test('a wave soaks after its last decision, and late joiners must soak too', () => {
  const rollout = simulateRollout(planOf([{ limit: 1, soakSeconds: 60, failuresMax: 1 }]), [1, 1])
  const due = () => dueAtMs(planOf([{ limit: 1, soakSeconds: 60, failuresMax: 1 }]), rollout.state())
  rollout.tick(1_000)
  rollout.healthy(0)
  expect([rollout.state().waves[0]?.soakingSinceMs, due()]).toEqual([1_000, 61_000])
  rollout.tick(59_999)
  expect(rollout.state().wave).toBe(0)
  rollout.join(0)
  expect([rollout.state().waves[0]?.soakingSinceMs, due()]).toEqual([undefined, 86_400_000])
  rollout.healthy(2)
  rollout.tick(59_999)
  expect(rollout.state().wave).toBe(0)
  rollout.tick(1)
  expect(rollout.state().wave).toBe(1)
})

test('a failure counts during a soak, and in a wave that has passed', () => {
  const soaking = simulateRollout(planOf([{ limit: 1, soakSeconds: 60 }]), [1, 1])
  soaking.healthy(0)
  soaking.failed(0)
  expect(soaking.state().status).toBe('paused')
  const passed = small()
  passed.healthy(0)
  passed.failed(0)
  expect(passed.state()).toMatchObject({ status: 'paused', reason: '1 failed in wave canary, 0 allowed', wave: 1 })
})

test('a device without a decisive report times out at its deadline, and can still become healthy', () => {
  const plan = planOf([{ deadlineSeconds: 60, failuresMax: 1 }])
  const rollout = simulateRollout(plan, [2])
  rollout.healthy(0)
  rollout.tick(30_000)
  rollout.join(0)
  expect(dueAtMs(plan, rollout.state())).toBe(60_000)
  rollout.tick(30_000)
  expect(rollout.outcomes()).toBe('healthy timed-out offered')
  expect(rollout.offered(), 'it is still asked').toEqual([0, 1, 2])
  rollout.tick(30_000)
  expect(rollout.outcomes()).toBe('healthy timed-out timed-out')
  expect(rollout.state()).toMatchObject({ status: 'paused', reason: '2 failed in wave wave-1, 1 allowed' })
  rollout.send(resume)
  expect(rollout.outcomes()).toBe('healthy tolerated tolerated')
  rollout.healthy(1)
  expect(rollout.state().status).toBe('done')
})

test('offline devices are awaited, or skipped and offered the release at the end', () => {
  const play = (offline: string) => {
    const rollout = simulateRollout(planOf([{ limit: 1 }], { offline }), [1, 2])
    rollout.rowOf(2).isOnline = false
    rollout.healthy(0, 1)
    return rollout
  }
  expect([play('wait').state().status, play('wait').offered()]).toEqual(['rolling', [0, 1, 2]])
  const skipping = play('skip')
  expect([skipping.state().status, skipping.outcomes(), skipping.offered()]).toEqual([
    'done',
    'healthy healthy skipped',
    [0, 1, 2],
  ])
  skipping.healthy(2)
  expect(skipping.outcomes(), 'and what it says is kept').toBe('healthy healthy healthy')
})

test('too few reports pause a rollout, and a person can resume it', () => {
  const rollout = simulateRollout(planOf([{ limit: 1 }], { offline: 'skip' }), [0, 2])
  expect(rollout.state()).toMatchObject({
    status: 'paused',
    reason: expect.stringContaining('wave wave-1 has no device'),
  })
  rollout.rowOf(0).isOnline = false
  rollout.rowOf(1).isOnline = false
  rollout.send(resume)
  expect(rollout.state().reason).toBe('0 of at least 1 devices of wave rest reported; resume to continue with so few')
  rollout.send(resume)
  expect(rollout.state().status).toBe('done')
  const few = simulateRollout(planOf([{ minExecuted: 3 }]), [2])
  few.healthy(0, 1)
  expect(few.state().status).toBe('paused')
})

test('a resume tolerates known failures, not a later lack of reports', () => {
  const rollout = simulateRollout(planOf([{ minExecuted: 2 }]), [3])
  rollout.failed(0)
  rollout.send(resume)
  rollout.leave(1)
  rollout.leave(1)
  expect(rollout.state().reason).toContain('1 of at least 2 devices')
})

test('empty waves at the end need no reports', () => {
  const rollout = simulateRollout(planOf([{ limit: 1 }, { limit: 1 }]), [1, 0, 0])
  rollout.healthy(0)
  expect([rollout.state().status, rollout.state().wave]).toEqual(['done', 0])
  const left = small()
  left.healthy(0)
  left.leave(1)
  left.leave(1)
  expect(left.state().status).toBe('done')
})

test('a rollout without devices waits for its first device', () => {
  const plan = planOf([{ limit: 1 }])
  const rollout = simulateRollout(plan, [0, 0])
  rollout.tick(1_000_000)
  expect([rollout.state().status, dueAtMs(plan, rollout.state())]).toEqual(['rolling', undefined])
  rollout.join(0)
  rollout.healthy(0)
  expect(rollout.state().status).toBe('done')
})

test('a resumed rollout without devices does not end, because a held device proves nothing', () => {
  const rollout = simulateRollout(planOf([]), [0])
  rollout.join(1)
  rollout.send(pause)
  rollout.send(resume)
  expect([rollout.state().status, rollout.offered()]).toEqual(['rolling', []])
})

test('a rollout waits again for a passed wave when a device joins it', () => {
  const rollout = simulateRollout(planOf([{ limit: 1 }, { limit: 1 }]), [1, 1, 1])
  rollout.healthy(0)
  rollout.join(0)
  rollout.healthy(1)
  expect(rollout.state().wave).toBe(1)
  rollout.healthy(3)
  expect(rollout.state().wave).toBe(2)
})

test('a held device is offered nothing until the rollout is done, and is not counted', () => {
  const rollout = simulateRollout(planOf([{}]), [1])
  rollout.join(1)
  rollout.healthy(1)
  expect([rollout.offered(), rollout.outcomes()]).toEqual([[0], 'offered waiting'])
  rollout.healthy(0)
  expect([rollout.state().status, rollout.offered()]).toEqual(['done', [0, 1]])
  rollout.healthy(1)
  rollout.leave(0)
  expect([rollout.outcomes(), rollout.state().waves[0]?.counts.healthy]).toEqual(['healthy', 0])
})

test.each([
  ['pause', { status: 'paused' }, [0, 1, 2, 3]],
  ['abort', { status: 'aborted' }, [0, 1]],
  ['rollback-wave', { status: 'rolled-back', keptWaves: 1 }, [0]],
  ['rollback-all', { status: 'rolled-back', keptWaves: 0 }, []],
])('the failure strategy %s is applied', (onFailure, state, kept) => {
  const rollout = simulateRollout(planOf([{ limit: 1 }], { onFailure }), [1, 3])
  rollout.healthy(0, 1)
  rollout.failed(2)
  expect(rollout.state()).toMatchObject({ ...state, reason: '1 failed in wave rest, 0 allowed' })
  expect(rollout.offered()).toEqual(kept)
})

test('a failure limit acts even while a person has paused the rollout, unless it would only pause', () => {
  const play = (onFailure: string) => {
    const rollout = small({ onFailure })
    rollout.send(pause)
    rollout.failed(0)
    return rollout.state()
  }
  expect(play('pause')).toMatchObject({ status: 'paused', reason: 'lunch' })
  expect(play('abort')).toMatchObject({ status: 'aborted' })
})

test('after an abort, a healthy device keeps the release until it fails', () => {
  const rollout = simulateRollout(planOf([{}]), [2])
  rollout.healthy(0)
  rollout.send(abort)
  rollout.healthy(1)
  expect([rollout.offered(), rollout.outcomes()]).toEqual([[0], 'healthy offered'])
  rollout.failed(0)
  expect(rollout.offered()).toEqual([])
})

test('a person rolls back all devices, and a newer revision supersedes a rollout', () => {
  const back = small()
  back.healthy(0)
  back.send(rollback)
  expect([back.state().status, back.offered()]).toEqual(['rolled-back', []])
  const old = small()
  old.healthy(0)
  old.send({ kind: 'supersede', revision: 2 })
  expect([old.state().status, old.state().reason, old.offered()]).toEqual(['superseded', 'revision 2 replaced it', []])
})

test('a rollout rejects events that do not fit its status', () => {
  const rollout = small()
  for (const event of [resume, pause, pause, abort]) rollout.send(event)
  for (const event of [pause, resume, abort, rollback, { kind: 'supersede', revision: 2 } as const]) rollout.send(event)
  rollout.tick(1)
  expect(rollout.refused).toEqual([
    'cannot resume a rollout that is rolling',
    'cannot pause a rollout that is paused',
    'cannot pause a rollout that is aborted',
    'cannot resume a rollout that is aborted',
    'cannot abort a rollout that is aborted',
    'cannot rollback a rollout that is aborted',
    'cannot supersede a rollout that is aborted',
  ])
})
