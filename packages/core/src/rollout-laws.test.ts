/** The laws of rollouts, for any strategy, fleet and history. Tables of examples are in rollout.test.ts. */
import { type Amount, Strategy } from '@skerry/contract/deployment'
import type { DeviceId } from '@skerry/contract/ids'
import type { Outcome } from '@skerry/contract/rollout'
import { simulateRollout } from '@skerry/testkit/rollout-simulation'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RolloutEvent } from './rollout.ts'
import { isEnded, type RolloutState } from './rollout-state.ts'
import { planRollout, type RolloutPlan } from './waves.ts'

const pause: RolloutEvent = { kind: 'pause', reason: 'lunch' }
const resume: RolloutEvent = { kind: 'resume', reason: 'seen' }
const abort: RolloutEvent = { kind: 'abort', reason: 'bad model' }
const rollback: RolloutEvent = { kind: 'rollback', reason: 'bad model' }

const anyAmount = fc.oneof(fc.nat(2), fc.constantFrom('0%', '20%', '50%', '100%'))
const anyWave = fc.record(
  {
    limit: fc.constant(1),
    soakSeconds: fc.nat(3),
    failuresMax: anyAmount,
    minExecuted: fc.integer({ min: 1, max: 3 }),
    deadlineSeconds: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: ['limit'] },
)
const anyStrategy = fc.record({
  waves: fc.array(anyWave, { maxLength: 3 }),
  offline: fc.constantFrom('wait', 'skip'),
  onFailure: fc.constantFrom('pause', 'abort', 'rollback-wave', 'rollback-all'),
})
const device = fc.nat(9)
type Act =
  | { kind: 'healthy' | 'failed' | 'leave' | 'toggle'; index: number }
  | { kind: 'tick' | 'join'; index: number }
  | { kind: 'send'; event: RolloutEvent }
const anyReport = fc.record({ kind: fc.constantFrom('healthy' as const, 'failed' as const), index: device })
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: anyReport },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tick' as const), index: fc.nat(9_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'toggle' as const), index: device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('join' as const), index: fc.nat(4) }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(pause, resume, resume, abort, rollback)
      .map((event) => ({ kind: 'send' as const, event })),
  },
)

type Simulation = ReturnType<typeof simulateRollout>

function play(rollout: Simulation, act: Act) {
  if (act.kind === 'send') return rollout.send(act.event)
  if (act.kind === 'tick') return rollout.tick(act.index)
  if (act.kind === 'join') return rollout.join(Math.min(act.index, rollout.state().waves.length))
  const row = rollout.rows[act.index]
  if (!row) return
  if (act.kind === 'leave') return rollout.leave(act.index)
  if (act.kind === 'toggle') row.isOnline = !row.isOnline
  else rollout.report(act.index, act.kind)
}

test('holds for any strategy, fleet and history', () => {
  const sizes = fc.array(fc.nat(3), { minLength: 4, maxLength: 4 })
  const history = fc.array(anyAct, { maxLength: 30 })
  fc.assert(
    fc.property(anyStrategy, sizes, history, anyReport, (strategy, allSizes, acts, report) => {
      const plan = planRollout(Strategy.parse(strategy))
      const rollout = simulateRollout(plan, allSizes.slice(0, plan.waves.length))
      for (const act of acts) {
        const before = { state: rollout.state(), offered: rollout.offered().map((index) => rollout.rowOf(index).id) }
        play(rollout, act)
        lawsOfOne(plan, rollout)
        lawsOfTwo(rollout, act, before)
      }
      const command = acts.find((act) => act.kind === 'send')?.event ?? pause
      rollout.send(command)
      const sent = rollout.state()
      rollout.send(command)
      if (!(command.kind === 'resume' && sent.status === 'paused'))
        expect(rollout.state(), 'a wish twice is one').toEqual(sent)
      play(rollout, report)
      const once = [rollout.state(), rollout.outcomes()]
      play(rollout, report)
      expect([rollout.state(), rollout.outcomes()], 'a report heard twice counts once').toEqual(once)
    }),
    { numRuns: 300 },
  )
})

/** What holds at every instant. */
function lawsOfOne(plan: RolloutPlan, rollout: Simulation) {
  const state = rollout.state()
  expect(JSON.parse(JSON.stringify(state)), 'the state is plain JSON').toEqual(state)
  for (const [index, wave] of state.waves.entries()) {
    const outcomes = rollout.rows.filter((row) => row.wave === index).map(({ outcome }) => outcome)
    for (const outcome of Object.keys(wave.counts) as Outcome[]) {
      expect(wave.counts[outcome], 'counters are the rows').toBe(outcomes.filter((one) => one === outcome).length)
    }
    if (isEnded(state)) continue
    const isOpen = index <= state.wave
    const asked = outcomes.filter((outcome) => outcome !== 'waiting')
    if (!isOpen) expect(asked, 'no device of a closed wave is asked').toEqual([])
    if (state.status === 'rolling' && isOpen) {
      const failures = wave.counts.failed + wave.counts['timed-out']
      const decided = failures + wave.counts.healthy
      expect(
        isWithin(plan.waves[index]?.failuresMax ?? 0, failures, decided, plan.waves[index]?.minExecuted ?? 1),
        'the limit holds',
      ).toBe(true)
      expect(wave.counts.waiting, 'nobody of an open wave is forgotten').toBe(0)
    }
  }
}

const isWithin = (amount: Amount, failures: number, decided: number, minExecuted: number) =>
  typeof amount === 'number'
    ? failures <= amount
    : decided < minExecuted || failures * 100 <= Number.parseInt(amount, 10) * decided

/** What holds between an instant and the next. */
function lawsOfTwo(rollout: Simulation, act: Act, before: { state: RolloutState; offered: DeviceId[] }) {
  const state = rollout.state()
  const isNew = (index: number) => !before.offered.includes(rollout.rowOf(index).id)
  const newlyOffered = rollout.offered().filter(isNew)
  if (isEnded(before.state)) expect(state.status, 'an end is an end').toBe(before.state.status)
  if (before.state.status !== 'done' && isEnded(state) && state.status !== 'done')
    expect(newlyOffered, 'after an abort nobody is asked').toEqual([])
  if (state.status === 'paused' && before.state.status === 'paused')
    expect(newlyOffered, 'nor while paused').toEqual([])
  if (state.status === 'rolled-back' && state.keptWaves === 0) expect(rollout.offered(), 'all go back').toEqual([])
  if (!isEnded(before.state) && !isEnded(state))
    expect(state.wave, 'waves never close').toBeGreaterThanOrEqual(before.state.wave)
  if (state.status === 'done' && before.state.status !== 'done') {
    const isHeard = rollout.rows.some(({ wave, outcome }) => wave < state.waves.length && outcome !== 'waiting')
    expect(isHeard, 'nothing heard is never success').toBe(true)
  }
  if (act.kind === 'toggle') expect(state, 'being heard or not changes nothing by itself').toEqual(before.state)
}
