/** The laws of rollouts, for any strategy, fleet and history. Tables of examples are in rollout.test.ts. */
import type { Amount } from '@skerry/contract/deployments/amount'
import type { Budget } from '@skerry/contract/deployments/pace'
import type { Outcome } from '@skerry/contract/rollouts/rollout'
import type { DeviceId } from '@skerry/contract/values/ids'
import { isWithinBudget } from '@skerry/testkit/judges/budget-judge'
import { endProblem } from '@skerry/testkit/judges/ended-rollout'
import { createOrderJudge } from '@skerry/testkit/judges/order-judge'
import { finalProblem, removalProblem } from '@skerry/testkit/judges/removal-judge'
import { histories } from '@skerry/testkit/simulation/histories'
import { joinable, planOf, sizesOf } from '@skerry/testkit/simulation/laid-out-waves'
import { countGroup, simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import { law } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RolloutEvent } from './rollout.ts'
import { isEnded, isHeldBack, isLeaving, isOffered, type RolloutState } from './rollout-state.ts'
import type { WaveState } from './wave-verdict.ts'
import type { RolloutPlan } from './waves.ts'

const pause: RolloutEvent = { kind: 'pause', reason: 'lunch' }
const resume: RolloutEvent = { kind: 'resume', reason: 'seen' }
const abort: RolloutEvent = { kind: 'abort', reason: 'bad model' }
const approve: RolloutEvent = { kind: 'approve', reason: 'looks well' }
const retry: RolloutEvent = { kind: 'retry', reason: 'power was off' }
const rollback: RolloutEvent = { kind: 'rollback', reason: 'bad model' }

const anySizes = fc.array(fc.nat(3), { minLength: 4, maxLength: 4 })
const anyAmount = fc.oneof(fc.nat(2), fc.constantFrom('0%', '20%', '50%', '100%'))
const anyWave: fc.Arbitrary<object> = fc.record(
  {
    limit: fc.constant(1),
    soakSeconds: fc.nat(3),
    failuresMax: anyAmount,
    minExecuted: fc.integer({ min: 1, max: 3 }),
    deadlineSeconds: fc.integer({ min: 1, max: 9 }),
    limits: fc.array(fc.record({ kind: fc.constantFrom('failed', 'rejected', 'timed-out', 'all'), max: anyAmount }), {
      maxLength: 2,
    }),
    approval: fc.boolean(),
    pauseAfter: fc.boolean(),
  },
  { requiredKeys: ['limit'] },
)
const mandatory = anyWave.map((wave) => ({ ...wave, mandatory: true, failuresMax: 0 }))
const small = fc.integer({ min: 1, max: 4 })
const anyRate = fc.oneof(
  fc.record({ perMinute: small }),
  fc.record({
    basePerMinute: small,
    factor: fc.constantFrom(1.5, 3),
    per: fc.oneof(fc.record({ notified: small }), fc.record({ succeeded: small })),
    maxPerMinute: fc.constant(8),
  }),
)
const someAmount = fc.constantFrom(1, 2, '20%', '60%')
const anyBudget = fc.oneof(
  fc.record({ groupBy: fc.constant('device.labels.line'), maxUnavailable: someAmount }),
  fc.record({ groupBy: fc.constant('device.labels.line'), minAvailable: someAmount }),
)
const anyStrategy = fc.record(
  {
    waves: fc.oneof(fc.array(anyWave, { maxLength: 3 }), fc.tuple(mandatory), fc.tuple(mandatory, anyWave)),
    offline: fc.constantFrom('wait', 'skip'),
    onFailure: fc.constantFrom('pause', 'abort', 'rollback-wave', 'rollback-all'),
    rate: anyRate,
    budget: anyBudget,
    retry: fc.record({ max: fc.integer({ min: 1, max: 2 }), backoffSeconds: fc.integer({ min: 1, max: 20 }) }),
    switchOver: fc.record({ approval: fc.boolean() }),
  },
  { requiredKeys: ['waves', 'offline', 'onFailure'] },
)
const device = fc.nat(9)
type Act =
  | { kind: 'healthy' | 'failed' | 'rejected' | 'leave' | 'toggle'; index: number }
  | { kind: 'tick' | 'join' | 'hold'; index: number }
  | { kind: 'send'; event: RolloutEvent }
const anyReport = fc.record({
  kind: fc.constantFrom('healthy' as const, 'failed' as const, 'rejected' as const),
  index: device,
})
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: anyReport },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('tick' as const), index: fc.oneof(fc.nat(9_000), fc.nat(40_000)) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('leave' as const, 'toggle' as const), index: device }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('join' as const), index: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), index: device }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(pause, resume, resume, approve, approve, retry, abort, rollback)
      .map((event) => ({ kind: 'send' as const, event })),
  },
)

type Simulation = ReturnType<typeof simulateRollout>

function play(rollout: Simulation, act: Act) {
  if (act.kind === 'send') return rollout.send(act.event)
  if (act.kind === 'tick') return rollout.tick(act.index)
  if (act.kind === 'join') return rollout.join(joinable(rollout.state(), act.index))
  const row = rollout.rows[act.index]
  if (!row) return
  if (act.kind === 'hold') return rollout.hold(act.index, rollout.nowMs() + act.index * 5_000)
  if (act.kind === 'leave') return rollout.leave(act.index)
  if (act.kind === 'toggle') row.isOnline = !row.isOnline
  else rollout.report(act.index, act.kind)
}

test('holds for any strategy, fleet and history', law, () => {
  const history = fc.array(anyAct, { maxLength: 30 })
  fc.assert(
    fc.property(anyStrategy, anySizes, fc.nat(3), history, anyReport, (strategy, allSizes, leaving, acts, report) => {
      const plan = planOf(strategy, leaving)
      const rollout = simulateRollout(plan, sizesOf(plan, allSizes, leaving))
      const orderProblem = createOrderJudge()
      const offers: Offers = [{ atMs: 0, devices: askedOf(rollout).length }]
      for (const act of acts) {
        const before = {
          state: rollout.state(),
          offered: rollout.offered().map((index) => rollout.rowOf(index).id),
          asked: askedOf(rollout),
        }
        play(rollout, act)
        lawsOfOne(plan, rollout)
        lawsOfTwo(rollout, act, before)
        lawsOfPace(plan, rollout, { offers, before })
        lawsOfConsent(plan, rollout, { act, before })
        lawsOfRetries(plan, rollout, act)
        lawsOfSwitch(rollout)
        expect(removalProblem(rollout, before.state)).toBe(undefined)
        expect(orderProblem(rollout, { ...before, isResumed: 'event' in act && act.event === resume })).toBe(undefined)
        expect(endProblem(plan, rollout)).toBe(undefined)
      }
      const command = acts.find((act) => act.kind === 'send')?.event ?? pause
      rollout.send(command)
      const sent = rollout.state()
      rollout.send(command)
      if (!(command.kind === 'resume' && sent.status === 'paused'))
        expect(rollout.state(), 'a wish twice is one').toEqual(sent)
      play(rollout, report)
      const once = [rollout.state(), rollout.outcomes()]
      // Who went over to the switch has been asked something else: a report of before is told from an answer by its generation.
      if (rollout.rows[report.index]?.wave !== rollout.state().switchWave) play(rollout, report)
      expect([rollout.state(), rollout.outcomes()], 'a report heard twice counts once').toEqual(once)
    }),
    histories('rollouts'),
  )
})

test('comes to an end whatever the rate and the budget, once everybody who is asked runs the revision well', () => {
  fc.assert(
    fc.property(anyStrategy, anySizes, fc.nat(3), (strategy, allSizes, leaving) => {
      const waves = (strategy.waves as object[]).map((wave) => ({ ...wave, deadlineSeconds: 86_400 }))
      const plan = planOf({ ...strategy, waves }, leaving)
      const rollout = simulateRollout(plan, sizesOf(plan, allSizes, leaving))
      for (let round = 0; round < 60 && !isEnded(rollout.state()); round++) {
        rollout.tick(65_000)
        for (const [index, { outcome }] of rollout.rows.entries())
          if (outcome === 'offered') rollout.report(index, 'healthy')
        rollout.send(approve)
        rollout.send(resume)
      }
      const isStuck = rollout.rows.some(({ group }) => !mayTouch(plan, rollout, group))
      if (!isStuck) expect(finalProblem(rollout)).toBe(undefined)
    }),
    { numRuns: 500 },
  )
})

/** Whether the budget leaves anybody of a group in which nobody is unavailable. */
const mayTouch = ({ budget }: RolloutPlan, { rows }: Simulation, group: string) =>
  !budget || isWithinBudget(budget, { size: countGroup(rows, group).size, unavailable: 1 })

const askedOf = ({ rows }: Simulation) => rows.filter(({ outcome }) => outcome !== 'waiting').map(({ id }) => id)

type Offers = { atMs: number; devices: number }[]
type Before = { state: RolloutState; offered: DeviceId[]; asked: DeviceId[] }

/** However few or many are asked at once. */
function lawsOfPace(plan: RolloutPlan, rollout: Simulation, { offers, before }: { offers: Offers; before: Before }) {
  const asked = rollout.rows.filter(({ id, outcome }) => outcome === 'offered' && !before.asked.includes(id))
  offers.push({ atMs: rollout.nowMs(), devices: asked.length })
  if (plan.rate) {
    const most = 'perMinute' in plan.rate ? plan.rate.perMinute : plan.rate.maxPerMinute
    for (const { atMs } of offers) {
      const inMinute = offers.filter((other) => other.atMs >= atMs && other.atMs < atMs + 60_000)
      expect(sumOf(inMinute), 'no minute sees more offers than the rate').toBeLessThanOrEqual(most)
    }
  }
  for (const { group } of plan.budget ? asked : []) {
    const counted = countGroup(rollout.rows, group)
    expect(isWithinBudget(plan.budget as Budget, counted), 'no offer breaks the budget').toBe(true)
  }
}

const sumOf = (offers: Offers) => offers.reduce((sum, { devices }) => sum + devices, 0)

/** Nobody is asked more often than the plan says, and nobody counts as failed by itself who still has a try. */
function lawsOfRetries(plan: RolloutPlan, rollout: Simulation, act: Act) {
  const max = plan.retry?.max ?? 0
  for (const { retries, retryAtMs, outcome } of rollout.rows) {
    expect(retries, 'no try too many').toBeLessThanOrEqual(max)
    if (retryAtMs !== undefined) expect(outcome, 'who waits for a try is asked, or it is all over').toBe('offered')
  }
  const reported = act.kind === 'failed' ? rollout.rows[act.index] : undefined
  if (reported?.outcome === 'offered' && !isEnded(rollout.state())) expect(reported.retryAtMs).toBeDefined()
}

/** What waits for a person waits. */
function lawsOfConsent(plan: RolloutPlan, rollout: Simulation, { act, before }: { act: Act; before: Before }) {
  const { wave, waves, switchWave } = rollout.state()
  if (wave === before.state.wave) return
  const opened = plan.waves.map((planned, index) => ({ planned, index })).slice(before.state.wave + 1, wave + 1)
  // Where nobody is to run the revision, there is nothing to pause for or to approve.
  const isAnyToRun = rollout.rows.some((row) => row.wave < waves.length && !isLeaving(rollout.state(), row))
  const isAsked = ({ planned, index }: (typeof opened)[number]) =>
    planned.approval && (index === switchWave ? isAnyToRun : rollout.rows.some((row) => row.wave === index))
  for (const { planned, index } of opened) {
    if (isAsked({ planned, index })) expect(waves[index]?.isApproved, 'a wave opens as approved only').toBe(true)
    if (isAnyToRun && plan.waves[index - 1]?.pauseAfter && before.state.status !== 'done')
      expect(waves[index - 1]?.isReleased, 'a pause is ended by a person').toBe(true)
  }
  if (opened.some(isAsked)) expect(act).toEqual({ kind: 'send', event: approve })
}

/** Before the switch nobody serves the revision; once it has opened, who has it ready is in it. */
function lawsOfSwitch(rollout: Simulation) {
  const state = rollout.state()
  if (state.switchWave === undefined || isEnded(state)) return
  for (const row of rollout.rows.filter((one) => !isLeaving(state, one))) {
    const isServing = isOffered(state, row) && !isHeldBack(state, row)
    if (isServing)
      expect([row.wave, state.wave], 'who serves it has been told to').toEqual([state.switchWave, row.wave])
    if (state.wave === state.switchWave && row.wave < state.wave)
      expect(row.outcome, 'who has it ready goes over').not.toBe('healthy')
  }
}

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
    if (plan.waves[index]?.mandatory) expect(wave.counts.skipped, 'nobody of it is left out').toBe(0)
    const isOpen = index <= state.wave
    const asked = outcomes.filter((outcome) => outcome !== 'waiting')
    // A removal that has begun is not taken back when the waves begin anew.
    if (!isOpen && index !== state.removalWave) expect(asked, 'no device of a closed wave is asked').toEqual([])
    const isLeft = state.switchWave !== undefined && state.wave >= state.switchWave && index < state.switchWave
    if (state.status === 'rolling' && isOpen && !isLeft) {
      lawsOfOpenWave(plan, index, wave)
    }
  }
}

function lawsOfOpenWave(plan: RolloutPlan, index: number, wave: WaveState) {
  const failures = wave.counts.failed + wave.counts.rejected + wave.counts['timed-out']
  const decided = failures + wave.counts.healthy
  expect(
    isWithin(plan.waves[index]?.failuresMax ?? 0, failures, decided, plan.waves[index]?.minExecuted ?? 1),
    'the limit holds',
  ).toBe(true)
  if (!plan.rate && !plan.budget) expect(wave.counts.waiting, 'nobody of an open wave is forgotten').toBe(0)
}

const isWithin = (amount: Amount, failures: number, decided: number, minExecuted: number) =>
  typeof amount === 'number'
    ? failures <= amount
    : decided < minExecuted || failures * 100 <= Number.parseInt(amount, 10) * decided

/** What holds between an instant and the next. */
function lawsOfTwo(rollout: Simulation, act: Act, before: Before) {
  const state = rollout.state()
  const isNew = (index: number) => !before.offered.includes(rollout.rowOf(index).id)
  const newlyOffered = rollout.offered().filter(isNew)
  if (isEnded(before.state)) expect(state.status, 'an end is an end').toBe(before.state.status)
  if (before.state.status !== 'done' && isEnded(state) && state.status !== 'done')
    expect(newlyOffered, 'after an abort nobody is asked').toEqual([])
  if (state.status === 'paused' && before.state.status === 'paused')
    expect(newlyOffered, 'nor while paused').toEqual([])
  if (!isEnded(before.state) && !isEnded(state) && act.kind !== 'join')
    expect(state.wave, 'waves never close').toBeGreaterThanOrEqual(before.state.wave)
  if (state.status === 'done' && before.state.status !== 'done') {
    const undecided: Outcome[] = ['waiting', 'offered']
    const isHeard = rollout.rows.some(
      (row) => row.wave < state.waves.length && !isLeaving(state, row) && !undecided.includes(row.outcome),
    )
    expect(isHeard, 'nothing heard is never success').toBe(true)
  }
  if (act.kind === 'toggle') expect(state, 'being heard or not changes nothing by itself').toEqual(before.state)
}
