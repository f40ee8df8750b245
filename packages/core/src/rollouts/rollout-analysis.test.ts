import type { Measurement, MeasurementPhase } from '@skerry/contract/deployments/analysis'
import { Strategy } from '@skerry/contract/deployments/deployment'
import { histories } from '@skerry/testkit/simulation/histories'
import { simulateRollout } from '@skerry/testkit/simulation/rollout-simulation'
import { law } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DueAnalysis, dueAnalyses, stoppingAnalysis } from './rollout-analysis.ts'
import { planRollout } from './waves.ts'

const errors = { name: 'errors', measure: 'error-rate', success: 'result.value < 1', intervalSeconds: 10, count: 2 }

function begin(analysis: object[], rest: object = {}, wave: object = {}) {
  const waves = [{ name: 'canary', limit: 2, analysis, ...wave }]
  const plan = planRollout(Strategy.parse({ waves, ...rest }))
  const rollout = simulateRollout(plan, [2, 2])
  const due = () => dueAnalyses(plan, rollout.state(), rollout.nowMs())
  return {
    rollout,
    due,
    measure(phase: MeasurementPhase) {
      for (const { wave: at, name, dueAtMs } of due()) {
        const measurement: Measurement = { dueAtMs, atMs: rollout.nowMs(), phase, message: 'so it is' }
        rollout.send({ kind: 'measured', wave: at, analysis: name, measurement })
      }
      rollout.tick(10_000)
    },
    stopping: () => stoppingAnalysis(plan, rollout.state()),
    status: () => rollout.state().status,
    wave: () => rollout.state().wave,
    actions: () => rollout.decisions.map(({ action }) => action.replace('rollout.', '')).join(' '),
  }
}

test('a wave opens the next one only after its analyses succeed', () => {
  const { rollout, due, measure, wave, actions } = begin([errors])
  expect(due()).toEqual([])
  rollout.healthy(0, 1)
  expect(wave(), 'soaked, and not measured').toBe(0)
  measure('successful')
  expect(wave()).toBe(0)
  measure('successful')
  expect(wave()).toBe(1)
  rollout.healthy(2, 3)
  expect(actions()).toBe('analysed wave_opened done')
  expect(rollout.decisions[0]?.detail).toMatchObject({ analysis: 'errors', verdict: 'successful', wave: 'canary' })
})

test.each([
  ['pause', 'paused'],
  ['abort', 'aborted'],
  ['rollback-all', 'rolled-back'],
])('a failed analysis triggers the strategy: %s', (onFailure, expected) => {
  const { rollout, measure, status } = begin([errors], { onFailure })
  rollout.healthy(0)
  measure('failed')
  expect(status()).toBe(expected)
  const reason = 'the analysis errors of wave canary failed: 1 failed, 0 allowed: so it is'
  expect(rollout.state().reason).toBe(reason)
  expect(rollout.decisions.at(-1)?.detail.reason).toBe(reason)
})

test('too many measurement errors count as a failure', () => {
  const { rollout, measure, status } = begin([errors], { onFailure: 'rollback-all' })
  rollout.healthy(0, 1)
  for (let times = 0; times < 4; times++) measure('error')
  expect(status()).toBe('rolling')
  measure('error')
  expect(status()).toBe('rolled-back')
  expect(rollout.state().reason).toContain('could not be measured: 5 errors in a row')
})

test('too many failed devices stop a rollout before any analysis', () => {
  const { rollout, measure, status, stopping } = begin([errors])
  rollout.healthy(0)
  measure('failed')
  rollout.send({ kind: 'resume', reason: 'seen' })
  rollout.report(1, 'failed')
  expect([status(), stopping()]).toEqual(['paused', undefined])
})

test('an inconclusive analysis always pauses, and a resume tolerates it', () => {
  const { rollout, measure, status, stopping, wave } = begin([errors], { onFailure: 'rollback-all' })
  rollout.healthy(0, 1)
  measure('inconclusive')
  measure('successful')
  expect(status()).toBe('paused')
  expect(rollout.state().reason).toContain('is inconclusive: 1 of 2 inconclusive, 0 allowed')
  expect(stopping()).toEqual({ wave: 'canary', analysis: 'errors' })
  rollout.send({ kind: 'resume', reason: 'seen' })
  expect(stopping()).toBeUndefined()
  expect([status(), wave()]).toEqual(['rolling', 1])
})

test('a retry restarts the measurements', () => {
  const { rollout, measure, status, wave, due } = begin([errors])
  rollout.healthy(0, 1)
  measure('failed')
  expect([status(), due()]).toEqual(['paused', []])
  rollout.send({ kind: 'retry', reason: 'mended' })
  rollout.send({ kind: 'resume', reason: 'again' })
  expect(due()).toHaveLength(1)
  measure('successful')
  measure('successful')
  expect([status(), wave()]).toEqual(['rolling', 1])
})

test('a dry run never blocks a wave, and ends inconclusive with it', () => {
  const { rollout, measure, wave } = begin([{ ...errors, dryRun: true }], {}, { soakSeconds: 5 })
  rollout.healthy(0, 1)
  measure('inconclusive')
  expect(wave()).toBe(1)
  expect(rollout.state().waves[0]?.analyses?.[0]).toMatchObject({ verdict: 'inconclusive' })
  const failing = begin([{ ...errors, dryRun: true }], { onFailure: 'abort' })
  failing.rollout.healthy(0)
  failing.measure('failed')
  expect(failing.status()).toBe('rolling')
})

test('an ended rollout ends its analyses', () => {
  const { rollout, due } = begin([errors])
  rollout.healthy(0)
  expect(due()).toHaveLength(1)
  rollout.send({ kind: 'abort', reason: 'bad' })
  expect(due()).toEqual([])
  expect(rollout.state().waves[0]?.analyses?.[0]).toMatchObject({ verdict: 'inconclusive', last: [] })
})

type Gated = ReturnType<typeof begin>

function play({ rollout, measure }: Gated, act: Act) {
  if (act.kind === 'measure') return measure(act.phase)
  if (act.kind === 'wait') return rollout.tick(10_000)
  if (act.kind === 'resume' || act.kind === 'retry') return void rollout.send({ kind: act.kind, reason: 'so' })
  if ('index' in act && rollout.rows[act.index]?.outcome !== 'waiting') rollout.report(act.index, act.kind)
}

function expectHeardOnce({ rollout }: Gated, { dueAtMs, wave, name }: DueAnalysis) {
  const before = rollout.state()
  const measurement: Measurement = { dueAtMs, atMs: rollout.nowMs(), phase: 'failed' }
  rollout.send({ kind: 'measured', wave, analysis: name, measurement })
  expect(rollout.state()).toEqual(before)
}

type Act =
  | { kind: 'healthy' | 'failed'; index: number }
  | { kind: 'measure'; phase: MeasurementPhase }
  | { kind: 'resume' | 'retry' | 'wait' }

test('for any history, a wave needs good or tolerated analyses, and a measurement counts once', law, () => {
  const anyPhase = fc.constantFrom<MeasurementPhase>('successful', 'successful', 'failed', 'inconclusive', 'error')
  const anyAct: fc.Arbitrary<Act> = fc.oneof(
    fc.record({ kind: fc.constantFrom('healthy' as const, 'healthy' as const, 'failed' as const), index: fc.nat(3) }),
    fc.record({ kind: fc.constant('measure' as const), phase: anyPhase }),
    fc.record({ kind: fc.constantFrom('resume' as const, 'retry' as const, 'wait' as const) }),
  )
  const anyAnalysis = fc.record({
    failureLimit: fc.nat(1),
    consecutiveErrorLimit: fc.nat(2),
    dryRun: fc.boolean(),
    count: fc.integer({ min: 1, max: 3 }),
  })
  const onFailure = fc.constantFrom('pause', 'abort', 'rollback-wave', 'rollback-all')
  fc.assert(
    fc.property(anyAnalysis, onFailure, fc.array(anyAct, { maxLength: 40 }), (change, action, acts) => {
      const gated = begin([{ ...errors, ...change }], { onFailure: action })
      const { rollout } = gated
      for (const act of acts) {
        const [first] = gated.due()
        play(gated, act)
        const run = rollout.state().waves[0]?.analyses?.[0]
        if (gated.wave() === 1 && !change.dryRun) expect(run?.isBorne || run?.verdict === 'successful').toBe(true)
        if (act.kind === 'measure' && first) expectHeardOnce(gated, first)
      }
      const { status, waves } = rollout.state()
      if (status !== 'rolling' && status !== 'paused') expect(waves[0]?.analyses?.[0]?.dueAtMs).toBeUndefined()
    }),
    histories('analyses'),
  )
})
