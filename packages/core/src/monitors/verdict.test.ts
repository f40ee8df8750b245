/** Verdicts: planted changes are found, calm windows are calm, and actions keep their limits. */
import type { MonitorAct } from '@skerry/contract/monitors/action'
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { describe, expect, test } from 'vitest'
import { actionName, dueActs, isReleased, repeatedAction } from './actions.ts'
import { countsOf } from './bins.ts'
import { featuresOf, profileOf } from './profile.ts'
import { seriesOf } from './series.ts'
import { type CountedWindow, verdictOf, worstState } from './verdict.ts'

/** Values of a normal distribution that are the same each time [Box, Muller 1958]. */
function normal(count: number, { mean = 0, deviation = 1, seed = 1 } = {}): number[] {
  let state = seed
  const next = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  return Array.from(
    { length: count },
    () => mean + deviation * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next()),
  )
}

const FEATURE = { feature: 'x', side: 'input', tensor: 'x' } as const
const reference = profileOf(FEATURE, normal(5_000))
const profile: ReferenceProfile = {
  v: 1,
  model: 'm',
  version: 1,
  origin: 'golden',
  rows: 5_000,
  features: [reference],
  left: 0,
}
const limits = MonitorSpec.parse({ model: 'm' })

const windowOf = (values: readonly number[], startMs = 0): CountedWindow => ({
  windows: 1,
  startMs,
  endMs: startMs + 300_000,
  rows: values.length,
  counted: values.length,
  features: [countsOf(reference.edges, values)],
})

const verdict = (values: readonly number[]) => verdictOf(profile, [windowOf(values)], limits).features[0]

describe('verdicts', () => {
  test('calm windows are calm: at most one false alarm in a month of windows of one feature', () => {
    const windows = Array.from({ length: 2_000 }, (_, at) => verdict(normal(500, { seed: at * 7_919 + 11 })))
    expect(windows.filter((each) => each?.state === 'alert')).toHaveLength(0)
    expect(windows.filter((each) => each?.state === 'warn').length).toBeLessThanOrEqual(20)
  })

  test.each([
    ['a shift of half a deviation', normal(1_500, { mean: 0.5, seed: 3 }), 'drift'],
    ['a doubled variance', normal(1_500, { deviation: Math.SQRT2, seed: 3 }), 'drift'],
    ['another unit', normal(1_500, { deviation: 1_000, seed: 3 }), 'drift'],
    ['missing values', normal(1_500, { seed: 3 }).map((each, at) => (at % 10 === 0 ? Number.NaN : each)), 'missing'],
    ['a stuck sensor', Array.from({ length: 1_500 }, () => 0.1), 'stuck'],
  ])('%s is found', (_name, values, finding) => {
    expect(verdict(values)?.state).not.toBe('ok')
    expect(verdict(values)?.findings).toContain(finding)
  })

  test('too few rows have no verdict, and no window is quiet', () => {
    expect(verdict(normal(499, { mean: 9 }))).toMatchObject({ state: 'waiting', findings: [] })
    expect(verdictOf(profile, [], limits)).toMatchObject({ state: 'quiet', windows: 0 })
  })

  test('windows of several devices and times are judged together', () => {
    const windows = [windowOf(normal(300, { seed: 5 })), windowOf(normal(300, { seed: 9 }), 300_000)]
    expect(verdictOf(profile, windows, limits)).toMatchObject({
      state: 'ok',
      windows: 2,
      rows: 600,
      fromMs: 0,
      toMs: 600_000,
    })
  })

  test('a part that waits says nothing, unless all do', () => {
    expect(worstState(['waiting', 'ok'])).toBe('ok')
    expect(worstState(['waiting', 'alert', 'warn'])).toBe('alert')
    expect(worstState(['waiting', 'quiet'])).toBe('waiting')
    expect(worstState([])).toBe('quiet')
  })
})

test('a series has a point for each time with a window', () => {
  const windows = [windowOf(normal(500)), windowOf(normal(500, { mean: 2 }), 300_000), windowOf(normal(500), 900_000)]
  const points = seriesOf(profile, windows, { fromMs: 0, stepMs: 300_000 })
  expect(points.map(({ startMs }) => startMs)).toEqual([0, 300_000, 900_000])
  expect(points[1]?.stability[0]).toBeGreaterThan(1)
})

test('small columns are features of their own, and pictures and texts are one', () => {
  const { features, left } = featuresOf({
    inputs: [
      { name: 'table', datatype: 'FP32', shape: [7, 3] },
      { name: 'picture', datatype: 'UINT8', shape: [1, 3, 48, 48] },
      { name: 'text', datatype: 'BYTES', shape: [1] },
    ],
    outputs: [{ name: 'score', datatype: 'FP32', shape: [7, 1] }],
  })
  const names = ['table[0]', 'table[1]', 'table[2]', 'picture', 'text', 'score']
  expect(features.map(({ feature }) => feature)).toEqual(names)
  expect(left).toBe(0)
  const wide = { name: 'x', datatype: 'FP32' as const, shape: [1, 32] }
  expect(featuresOf({ inputs: [wide, wide, wide], outputs: [] }).left).toBe(32)
})

describe('actions', () => {
  const spec = MonitorSpec.parse({ model: 'm', actions: [{ do: 'rollback', isDryRun: false, weeklyMax: 2 }] })
  const alerting = [{ version: 2, state: 'alert' as const }]
  const act = (atMs: number, outcome: MonitorAct['outcome'] = 'done'): MonitorAct => ({
    atMs,
    action: 'rollback',
    version: 2,
    outcome,
    message: '',
  })
  const due = (acts: MonitorAct[], nowMs = 1e10) =>
    dueActs(spec, { versions: alerting, wanted: new Set([2]), acts, nowMs })

  test('an alert is due once, and only for a version that a deployment wants', () => {
    expect(due([])).toMatchObject([{ action: { do: 'rollback', isDryRun: false }, version: 2 }])
    const facts = { versions: alerting, wanted: new Set([1]), acts: [], nowMs: 0 }
    expect(dueActs(spec, facts)).toEqual([])
    expect(dueActs(spec, { ...facts, wanted: new Set([2]), versions: [{ version: 2, state: 'warn' }] })).toEqual([])
  })

  test('an action waits for its cool-down, also after a failure, and stops at its weekly maximum', () => {
    expect(due([act(1e10 - 3_599_000)])).toEqual([])
    expect(due([act(1e10 - 3_599_000, 'failed')])).toEqual([])
    expect(due([act(1e10 - 3_600_000)])).toHaveLength(1)
    expect(due([act(1e10 - 7_200_000), act(1e10 - 3_600_000)])).toEqual([])
    expect(due([act(1e10 - 8 * 86_400_000), act(1e10 - 3_600_000)])).toHaveLength(1)
  })

  test('a held flow waits for a person, or for a healthy version if the rule says so', () => {
    const rulesOf = (release: 'person' | 'healthy') =>
      MonitorSpec.parse({ model: 'm', actions: [{ do: 'hold', flow: 'line-3', release }] })
    const well = [
      { version: 2, state: 'quiet' as const },
      { version: 1, state: 'ok' as const },
    ]
    expect(isReleased(rulesOf('healthy'), well, 'line-3')).toBe(true)
    expect(isReleased(rulesOf('person'), well, 'line-3')).toBe(false)
    expect(isReleased(rulesOf('healthy'), well, 'line-4')).toBe(false)
    expect(isReleased(rulesOf('healthy'), [], 'line-3')).toBe(false)
    for (const state of ['waiting', 'warn', 'alert'] as const)
      expect(isReleased(rulesOf('healthy'), [...well, { version: 3, state }], 'line-3')).toBe(false)
  })

  test('two actions of one kind have different names, or are refused', () => {
    const { actions: two } = MonitorSpec.parse({
      model: 'm',
      actions: [
        { do: 'hold', flow: 'line-3' },
        { do: 'hold', flow: 'line-4' },
      ],
    })
    expect(two.map(actionName)).toEqual(['hold line-3', 'hold line-4'])
    expect(repeatedAction(two)).toBeUndefined()
    expect(repeatedAction([...two, ...two])).toBe('hold line-3')
  })

  test('a dry run does not hold back the action itself', () => {
    expect(due([act(1e10 - 1_000, 'dry-run')])).toHaveLength(1)
  })
})
