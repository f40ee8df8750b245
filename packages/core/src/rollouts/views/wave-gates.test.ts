import { Analysis } from '@skerry/contract/deployments/analysis'
import type { OutcomeCounts, RolloutStatus, RolloutWave } from '@skerry/contract/rollouts/rollout'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { judgeWave, limitProblem } from '../wave-verdict.ts'
import { gateWords } from './gate-words.ts'
import { gatesOf, hasMetGates } from './wave-gates.ts'

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
  ['no wave has opened', closed(waveOf({ counts: { waiting: 3 } })), 'pending', 'pending', 'pending', 'pending'],
  [
    'all devices are offered the release',
    waveOf({ counts: { offered: 3 } }),
    'pending',
    'pending',
    'pending',
    'pending',
  ],
  [
    'enough devices are healthy',
    waveOf({ counts: { offered: 1, healthy: 2 } }),
    'pending',
    'met',
    'pending',
    'pending',
  ],
  [
    'one device failed',
    waveOf({ counts: { offered: 1, healthy: 1, failed: 1 } }),
    'pending',
    'met',
    'pending',
    'pending',
  ],
  ['two devices failed', waveOf({ counts: { offered: 1, failed: 2 } }), 'failed', 'met', 'pending', 'pending'],
  ['one device timed out', waveOf({ counts: { healthy: 2, 'timed-out': 1 } }), 'met', 'met', 'met', 'pending'],
  ['all devices soak', waveOf({ counts: { healthy: 3 }, soakingSinceMs: 4_000 }), 'met', 'met', 'met', 'pending'],
  ['all devices have soaked', waveOf({ counts: { healthy: 3 }, soakingSinceMs: -60_000 }), 'met', 'met', 'met', 'met'],
  [
    'too few devices have reported',
    waveOf({ counts: { healthy: 1, skipped: 2 } }),
    'met',
    'inconclusive',
    'met',
    'pending',
  ],
  ['too few reports are tolerated', waveOf({ counts: { healthy: 1 }, isBorne: true }), 'met', 'met', 'met', 'pending'],
] as const)('%s', (_, wave, failures, executed, deadline, soak) => {
  const states = ['failures', 'executed', 'deadline', 'soak'].map((kind) => gate(wave, kind)?.state)
  expect(states).toEqual([failures, executed, deadline, soak])
})

test('each gate gives its distance from its limit', () => {
  const wave = waveOf({ counts: { offered: 2, healthy: 5, failed: 1, 'timed-out': 2, tolerated: 1 } })
  expect(gate(wave, 'failures')).toEqual({ kind: 'failures', state: 'failed', failed: 3, of: 8, limit: 1 })
  expect(gate(wave, 'executed')).toMatchObject({ decided: 9, limit: 2, isBorne: false })
  expect(gate(wave, 'deadline')).toMatchObject({ openMs: 4_000, limitMs: 600_000, undecided: 2, timedOut: 2 })
  const soaking = waveOf({ counts: { healthy: 3 }, soakingSinceMs: 4_000 })
  expect(gate(soaking, 'soak')).toMatchObject({ soakedMs: 1_000, limitMs: 60_000 })
  expect(gate(soaking, 'soak', { nowMs: 1_000_000 })).toMatchObject({ soakedMs: 60_000, state: 'met' })
})

test('a limit for one kind of failure is a separate gate', () => {
  const limits = { failuresMax: 2, limits: [{ kind: 'rejected', max: 0, minExecuted: 1 }] } as const
  const wave = waveOf({ limits: { ...limits, limits: [...limits.limits] }, counts: { healthy: 1, rejected: 1 } })
  const gates = gatesOf({ status: 'rolling', changedAtMs: 0 }, wave, 5_000).slice(0, 2)
  expect(gates).toMatchObject([
    { kind: 'failures', state: 'met', failed: 1, of: 2, limit: 2 },
    { kind: 'failures', state: 'failed', failed: 1, of: 2, limit: 0, only: 'rejected' },
  ])
})

test('a share of failures waits for enough devices, and gives the required number', () => {
  const limits = { failuresMax: '40%', minExecuted: 3 } as const
  const early = waveOf({ limits, counts: { offered: 3, failed: 2 } })
  expect(gate(early, 'failures')).toMatchObject({ state: 'pending', failed: 2, of: 2, limit: '40%', from: 3 })
  const late = waveOf({ limits, counts: { offered: 2, failed: 2, healthy: 1 } })
  expect(gate(late, 'failures')).toMatchObject({ state: 'failed', failed: 2, of: 3 })
})

test('the deadline fails with the limit that the late devices break', () => {
  expect(gate(waveOf({ counts: { healthy: 2, 'timed-out': 2 } }), 'deadline')?.state).toBe('failed')
  expect(gate(waveOf({ counts: { healthy: 2, failed: 2 } }), 'deadline')?.state).toBe('met')
  const limits = { failuresMax: 9, limits: [{ kind: 'timed-out' as const, max: 0, minExecuted: 1 }] }
  expect(gate(waveOf({ limits, counts: { healthy: 2, 'timed-out': 1 } }), 'deadline')?.state).toBe('failed')
  const other = { failuresMax: 9, limits: [{ kind: 'failed' as const, max: 0, minExecuted: 1 }] }
  expect(gate(waveOf({ limits: other, counts: { failed: 1, 'timed-out': 1 } }), 'deadline')?.state).toBe('met')
})

test.each(['done', 'aborted', 'rolled-back', 'superseded'] as const)(
  'no gate is pending when the rollout is %s',
  (status) => {
    const states = (wave: RolloutWave) => gatesOf({ status, changedAtMs: 3_000 }, wave, 9_000).map(({ state }) => state)
    const nothing = ['not-reached', 'not-reached', 'not-reached', 'not-reached']
    expect(states(closed(waveOf({ counts: { waiting: 3 } })))).toEqual(nothing)
    expect(states(waveOf({ counts: { offered: 2, healthy: 1 } }))).toEqual(nothing)
    expect(states(waveOf({}))).toEqual(['met', 'not-reached', 'met', 'not-reached'])
    expect(states(waveOf({ counts: { healthy: 1 } }))).toEqual(['met', 'inconclusive', 'met', 'not-reached'])
    expect(states(waveOf({ counts: { failed: 2 } }))).toEqual(['failed', 'met', 'met', 'not-reached'])
  },
)

test('a removal that has not begun has met nothing, although it requires no report', () => {
  expect(gate(closed(waveOf({ limits: { minExecuted: 0 } })), 'executed')?.state).toBe('pending')
})

test('a wave without a soak has no soak gate, and an ended rollout stops its gates', () => {
  expect(gate(waveOf({ limits: { soakSeconds: 0 } }), 'soak')).toBeUndefined()
  const soaking = waveOf({ counts: { healthy: 3 }, soakingSinceMs: 2_000 })
  expect(gate(soaking, 'soak', { nowMs: 9_000_000, status: 'aborted' })).toMatchObject({ soakedMs: 1_000 })
})

test('for any wave, the gates agree with the engine', () => {
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
      if (verdict === 'soaking') expect(stateOf('soak')).toBe('pending')
      if (verdict === 'passed') expect(stateOf('soak') ?? 'met').toBe('met')
    }),
  )
})

test.each([
  [undefined, 'pending'],
  [{}, 'pending'],
  [{ last: [{ dueAtMs: 1, atMs: 1, phase: 'successful' }] }, 'pending'],
  [{ verdict: 'successful' }, 'met'],
  [{ verdict: 'failed' }, 'failed'],
  [{ verdict: 'error' }, 'failed'],
  [{ verdict: 'inconclusive' }, 'inconclusive'],
  [{ verdict: 'failed', isBorne: true }, 'met'],
] as const)('an analysis gate with the run %j is %s', (run, state) => {
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

test('a broken gate names the devices that broke it, and those of its wave only', () => {
  const wave = waveOf({ counts: { healthy: 1, failed: 4 } })
  const other = waveOf({ counts: { failed: 1 } })
  const failures = ['a', 'b', 'c'].map((device) => ({ device, outcome: 'failed', wave: 1 }) as const)
  const rollout = { status: 'paused', changedAtMs: 0, waves: [other, wave], failures } as const
  const words = (one: RolloutWave) => {
    const [first] = gatesOf({ ...rollout, waves: [...rollout.waves], failures: [...failures] }, one, 5_000)
    return first && gateWords(first, { number: String, time: String })
  }
  expect(words(wave)).toBe('4 of 5 failed, 1 allowed: a, b, c and 1 more')
  expect(words(other)).toBe('1 of 1 failed, 1 allowed')
})

test('a wave whose devices have soaked for long enough has met its gates', () => {
  const wave = waveOf({ counts: { healthy: 2 }, soakingSinceMs: 2_000 })
  expect(hasMetGates({ status: 'paused', changedAtMs: 0 }, wave, 61_000)).toBe(false)
  expect(hasMetGates({ status: 'paused', changedAtMs: 0 }, wave, 62_000)).toBe(true)
})

test('a planned pause proves that its wave has soaked, whatever the clock of the reader says', () => {
  const wave = waveOf({ counts: { healthy: 2 }, soakingSinceMs: 2_000 })
  const rollout = { status: 'paused', pausedBy: 'plan', changedAtMs: 0, wave: 0, waves: [wave] } as const
  expect(hasMetGates({ ...rollout, waves: [wave] }, wave, 2_100)).toBe(true)
  expect(hasMetGates({ ...rollout, waves: [wave], pausedBy: 'person' }, wave, 2_100)).toBe(false)
})
