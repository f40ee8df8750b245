import { Analysis } from '@skerry/contract/deployments/analysis'
import type { OutcomeCounts, RolloutStatus, RolloutWave } from '@skerry/contract/rollouts/rollout'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gatesOf } from './wave-gates.ts'
import { judgeWave, limitProblem } from './wave-verdict.ts'

const NO_COUNTS: OutcomeCounts = {
  waiting: 0,
  offered: 0,
  healthy: 0,
  failed: 0,
  rejected: 0,
  'timed-out': 0,
  tolerated: 0,
  skipped: 0,
}
const LIMITS = { failuresMax: 1, minExecuted: 2, soakSeconds: 60, deadlineSeconds: 600 } as const

type Change = Omit<Partial<RolloutWave>, 'counts' | 'limits'> & {
  counts?: Partial<OutcomeCounts>
  limits?: Partial<RolloutWave['limits']>
}

const waveOf = ({ counts, limits, ...wave }: Change): RolloutWave => ({
  name: 'canary',
  openedAtMs: 1_000,
  ...wave,
  limits: { ...LIMITS, ...limits },
  counts: { ...NO_COUNTS, ...counts },
})

const closed = ({ openedAtMs: _, ...wave }: RolloutWave): RolloutWave => wave

const gate = (wave: RolloutWave, kind: string, { nowMs = 5_000, status = 'rolling' as RolloutStatus } = {}) =>
  gatesOf({ status, changedAtMs: 3_000 }, wave, nowMs).find((each) => each.kind === kind)

test.each([
  ['nothing has opened', closed(waveOf({ counts: { waiting: 3 } })), 'waiting', 'waiting', 'waiting', 'waiting'],
  ['all are asked', waveOf({ counts: { offered: 3 } }), 'holding', 'waiting', 'holding', 'waiting'],
  ['enough are well', waveOf({ counts: { offered: 1, healthy: 2 } }), 'holding', 'passed', 'holding', 'waiting'],
  ['one failed', waveOf({ counts: { offered: 1, healthy: 1, failed: 1 } }), 'holding', 'passed', 'holding', 'waiting'],
  ['two failed', waveOf({ counts: { offered: 1, failed: 2 } }), 'failed', 'passed', 'holding', 'waiting'],
  ['one timed out', waveOf({ counts: { healthy: 2, 'timed-out': 1 } }), 'passed', 'passed', 'passed', 'waiting'],
  ['all soak', waveOf({ counts: { healthy: 3 }, soakingSinceMs: 4_000 }), 'passed', 'passed', 'passed', 'holding'],
  ['all soaked', waveOf({ counts: { healthy: 3 }, soakingSinceMs: -60_000 }), 'passed', 'passed', 'passed', 'passed'],
  ['too few told', waveOf({ counts: { healthy: 1, skipped: 2 } }), 'passed', 'inconclusive', 'passed', 'waiting'],
  ['too few are borne', waveOf({ counts: { healthy: 1 }, isBorne: true }), 'passed', 'passed', 'passed', 'waiting'],
] as const)('%s', (_, wave, failures, executed, deadline, soak) => {
  const states = ['failures', 'executed', 'deadline', 'soak'].map((kind) => gate(wave, kind)?.state)
  expect(states).toEqual([failures, executed, deadline, soak])
})

test('each gate says how far it is from its limit', () => {
  const wave = waveOf({ counts: { offered: 2, healthy: 5, failed: 1, 'timed-out': 2, tolerated: 1 } })
  expect(gate(wave, 'failures')).toEqual({ kind: 'failures', state: 'failed', failed: 3, of: 8, limit: 1 })
  expect(gate(wave, 'executed')).toMatchObject({ decided: 9, limit: 2, isBorne: false })
  expect(gate(wave, 'deadline')).toMatchObject({ openMs: 4_000, limitMs: 600_000, undecided: 2, timedOut: 2 })
  const soaking = waveOf({ counts: { healthy: 3 }, soakingSinceMs: 4_000 })
  expect(gate(soaking, 'soak')).toMatchObject({ soakedMs: 1_000, limitMs: 60_000 })
  expect(gate(soaking, 'soak', { nowMs: 1_000_000 })).toMatchObject({ soakedMs: 60_000, state: 'passed' })
})

test('a limit for one kind of failure is a gate of its own', () => {
  const limits = { failuresMax: 2, limits: [{ kind: 'rejected', max: 0, minExecuted: 1 }] } as const
  const wave = waveOf({ limits: { ...limits, limits: [...limits.limits] }, counts: { healthy: 1, rejected: 1 } })
  const gates = gatesOf({ status: 'rolling', changedAtMs: 0 }, wave, 5_000).slice(0, 2)
  expect(gates).toMatchObject([
    { kind: 'failures', state: 'passed', failed: 1, of: 2, limit: 2 },
    { kind: 'failures', state: 'failed', failed: 1, of: 2, limit: 0, only: 'rejected' },
  ])
})

test('a share of failures waits for enough devices, and says from how many on', () => {
  const limits = { failuresMax: '40%', minExecuted: 3 } as const
  const early = waveOf({ limits, counts: { offered: 3, failed: 2 } })
  expect(gate(early, 'failures')).toMatchObject({ state: 'waiting', failed: 2, of: 2, limit: '40%', from: 3 })
  const late = waveOf({ limits, counts: { offered: 2, failed: 2, healthy: 1 } })
  expect(gate(late, 'failures')).toMatchObject({ state: 'failed', failed: 2, of: 3 })
})

test('a wave without a soak has no such gate, and a rollout that has ended stands still', () => {
  expect(gate(waveOf({ limits: { soakSeconds: 0 } }), 'soak')).toBeUndefined()
  const soaking = waveOf({ counts: { healthy: 3 }, soakingSinceMs: 2_000 })
  expect(gate(soaking, 'soak', { nowMs: 9_000_000, status: 'aborted' })).toMatchObject({ soakedMs: 1_000 })
})

test('the gates never say other than the engine decides', () => {
  const count = fc.nat({ max: 4 })
  const counts = fc.record({
    waiting: count,
    offered: count,
    healthy: count,
    failed: count,
    rejected: count,
    'timed-out': count,
    tolerated: count,
    skipped: count,
  })
  const limits = fc.record({
    failuresMax: fc.oneof(fc.nat({ max: 3 }), fc.constantFrom('0%', '25%', '50%')),
    minExecuted: fc.integer({ min: 1, max: 4 }),
    soakSeconds: fc.nat({ max: 2 }),
    limits: fc.array(
      fc.record({
        kind: fc.constantFrom('failed', 'rejected', 'timed-out', 'all'),
        max: fc.oneof(fc.nat({ max: 3 }), fc.constantFrom('25%', '50%')),
        minExecuted: fc.integer({ min: 1, max: 4 }),
      }),
      { maxLength: 2 },
    ),
  })
  const since = fc.option(fc.nat({ max: 3_000 }), { nil: undefined })
  fc.assert(
    fc.property(counts, limits, since, (found, given, soakingSinceMs) => {
      const wave = waveOf({ counts: found, limits: given, ...(soakingSinceMs !== undefined && { soakingSinceMs }) })
      const { soakSeconds, ...judged } = wave.limits
      const planned = { name: wave.name, ...judged, soakMs: soakSeconds * 1_000, deadlineMs: 1 }
      const states = gatesOf({ status: 'rolling', changedAtMs: 0 }, wave, 5_000)
      const stateOf = (kind: string) => states.find((each) => each.kind === kind)?.state
      const isBroken = states.some(({ kind, state }) => kind === 'failures' && state === 'failed')
      expect(isBroken).toBe(limitProblem(planned, wave) !== undefined)
      const state = { counts: found, ...(soakingSinceMs !== undefined && { soakingSinceMs }) }
      const verdict = judgeWave(planned, state, 5_000)
      expect(stateOf('executed') === 'inconclusive').toBe(verdict === 'inconclusive')
      if (verdict === 'soaking') expect(stateOf('soak')).toBe('holding')
      if (verdict === 'passed') expect(stateOf('soak') ?? 'passed').toBe('passed')
    }),
  )
})

test.each([
  [undefined, 'waiting'],
  [{}, 'waiting'],
  [{ last: [{ dueAtMs: 1, atMs: 1, phase: 'successful' }] }, 'holding'],
  [{ verdict: 'successful' }, 'passed'],
  [{ verdict: 'failed' }, 'failed'],
  [{ verdict: 'error' }, 'failed'],
  [{ verdict: 'inconclusive' }, 'inconclusive'],
  [{ verdict: 'failed', isBorne: true }, 'passed'],
] as const)('an analysis with the run %j is %s', (run, state) => {
  const analysis = Analysis.parse({ name: 'errors', measure: 'error-rate', success: 'result.value < 1' })
  const begun = run && {
    counts: NO_RUN,
    settled: 0,
    errorsInARow: 0,
    ...run,
    last: [...('last' in run ? run.last : [])],
  }
  const wave = waveOf({ analyses: [{ analysis, ...(begun && { run: begun }) }] })
  expect(gate(wave, 'analysis')).toMatchObject({ kind: 'analysis', name: 'errors', state })
})

const NO_RUN = { successful: 0, failed: 0, inconclusive: 0, error: 0 }
