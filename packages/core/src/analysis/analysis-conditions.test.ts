import { Analysis, BuiltInMeasure, type MeasuredResult } from '@skerry/contract/deployments/analysis'
import type { ServingStats } from '@skerry/contract/devices/item'
import { expect, test } from 'vitest'
import { NO_COUNTS } from '../rollouts/wave-verdict.ts'
import { analysisProblem, gapOfWave, judgeTaken, measureWave } from './analysis-conditions.ts'
import { MEASURES, type WaveFacts } from './analysis-measures.ts'

const analysisOf = (change: object) => Analysis.parse({ name: 'a', measure: 'error-rate', ...change })

test.each([
  [{ success: 'result.value < 0.01' }, undefined],
  [{ success: 'result.failures / result.requests * 2 < 1' }, undefined],
  [{ success: 'result.vlaue < 0.01' }, 'success: result has no vlaue; it has value, devices, requests, failures'],
  [{ success: 'result["vlaue"] < 0.01' }, 'success: result has no vlaue; it has value, devices, requests, failures'],
  [{ failure: 'device.name == "a"' }, 'failure: there is no device in a condition; write result.FIELD'],
  [{ success: 'result.value' }, 'success: it returns double, not true or false'],
  [{ success: 'true' }, 'success: it uses no field of the result'],
  [
    { measure: 'success-ratio', success: 'result.value > 0.9', minRequests: 5 },
    'minRequests: this measure has no number',
  ],
  [{ measure: { webhook: 'https://a.example/' }, success: 'result.passed && result.score >= 3' }, undefined],
  [{ measure: { webhook: 'https://a.example/' }, success: 'result.passed &&' }, 'success: '],
  [{ measure: { webhook: 'https://a.example/' }, success: 'result.a == 1', minDevices: 2 }, 'minDevices: '],
  [{ measure: { predictions: 'scores' }, success: 'result.shift < 3' }, undefined],
])('an analysis with %j is checked: %s', (change, problem) => {
  const found = analysisProblem(analysisOf(change))
  if (problem === undefined) expect(found).toBeUndefined()
  else expect(found).toContain(problem)
})

test('an analysis needs a condition, and a webhook needs a safe URL', () => {
  expect(Analysis.safeParse({ name: 'a', measure: 'latency' }).success).toBe(false)
  expect(Analysis.safeParse({ name: 'a', measure: { webhook: 'ftp://a/' }, success: 'true' }).success).toBe(false)
  expect(Analysis.safeParse({ name: 'a', measure: { webhook: 'https://me:pw@a/' }, success: 'true' }).success).toBe(
    false,
  )
})

const phase = (change: object, result: MeasuredResult | undefined) =>
  judgeTaken(analysisOf(change), { dueAtMs: 1, atMs: 2, result })

test.each([
  [{ success: 'result.value < 0.1' }, { value: 0.05 }, 'successful'],
  [{ success: 'result.value < 0.1' }, { value: 0.5 }, 'failed'],
  [{ success: 'result.value < 0.1' }, { devices: 3 }, 'inconclusive'],
  [{ success: 'result.value < 0.1' }, undefined, 'inconclusive'],
  [{ failure: 'result.value > 0.1' }, { value: 0.05 }, 'successful'],
  [{ failure: 'result.value > 0.1' }, { value: 0.5 }, 'failed'],
  [{ success: 'result.value < 0.1', failure: 'result.value > 0.5' }, { value: 0.3 }, 'inconclusive'],
  [{ success: 'result.value < 0.1', minDevices: 3 }, { value: 0.01, devices: 2 }, 'inconclusive'],
  [{ success: 'result.value < 0.1', minRequests: 3 }, { value: 0.9, requests: 2 }, 'inconclusive'],
  [{ success: '!has(result.value) || result.value < 0.1' }, { devices: 1 }, 'successful'],
  [{ measure: { webhook: 'https://a.example/' }, success: 'result.score > 3' }, { score: 'high' }, 'error'],
  [{ measure: { webhook: 'https://a.example/' }, success: 'result.ok' }, { ok: true, more: 1 }, 'successful'],
] as const)('an analysis with %j and the result %j is %s', (change, result, expected) => {
  expect(phase(change, result).phase).toBe(expected)
})

test('a measurement keeps only the values that its conditions name or depend on', () => {
  const kept = phase(
    { success: 'result.failures < 3' },
    { value: 0.5, failures: 5, requests: 10, devices: 2, other: 1 },
  )
  expect(kept).toEqual({
    dueAtMs: 1,
    atMs: 2,
    phase: 'failed',
    message: 'not result.failures < 3 with failures 5',
    result: { value: 0.5, failures: 5, requests: 10, devices: 2 },
  })
  expect(judgeTaken(analysisOf({ success: 'result.value < 1' }), { dueAtMs: 1, atMs: 2, error: 'refused' })).toEqual({
    dueAtMs: 1,
    atMs: 2,
    phase: 'error',
    message: 'refused',
  })
})

const output = (values: readonly number[], more: object = {}) => {
  const mean = values.reduce((sum, one) => sum + one, 0) / values.length
  const std = Math.sqrt(values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / values.length)
  const range = { min: Math.min(...values), max: Math.max(...values) }
  return {
    name: 'scores',
    answers: values.length,
    empty: 0,
    values: values.length,
    notFinite: 0,
    mean,
    std,
    ...range,
    ...more,
  }
}
const stats = (change: Partial<ServingStats>): ServingStats => ({ requests: 100, failures: 0, ...change })
const DRIFTED = [
  { stability: 0.4, state: 'alert' as const, findings: ['drift' as const], missingShare: 0 },
  { stability: 0.9, state: 'ok' as const, findings: [], missingShare: 0.01 },
]
const facts = (serving: ServingStats[], counts: object = {}): WaveFacts => ({
  counts: { ...NO_COUNTS, ...counts },
  goldenMismatches: 1,
  shadows: [
    { compared: 90, matched: 85, mismatched: 5, errors: 10, dropped: 3, maxDifference: 0.5 },
    { compared: 100, matched: 100, mismatched: 0, errors: 0, dropped: 0, maxDifference: 0 },
    { compared: 0, matched: 0, mismatched: 0, errors: 0, dropped: 7 },
  ],
  serving,
  drift: { devices: 2, rows: 900, rowsMin: 500, features: DRIFTED },
  estimate: { devices: 2, rows: 900, rowsMin: 500, accuracy: 0.75, reference: 1 },
  errorEstimate: { devices: 2, rows: 900, rowsMin: 500, mae: 0.75, reference: 0.5 },
})

test.each([
  ['success-ratio', facts([], { healthy: 6, rejected: 1, 'timed-out': 1 }), { value: 0.75, devices: 8, healthy: 6 }],
  ['success-ratio', facts([], { offered: 6 }), undefined],
  [
    'shadow-mismatch',
    facts([], { healthy: 3 }),
    {
      value: 0.075,
      devices: 2,
      compared: 190,
      mismatched: 5,
      errors: 10,
      dropped: 3,
      worst: 0.15,
      max_difference: 0.5,
    },
  ],
  ['golden-mismatch', facts([], { healthy: 3, failed: 1 }), { value: 0.25, devices: 4, count: 1 }],
  ['error-rate', facts([stats({ failures: 5 }), stats({}), stats({ requests: 0 })]), { value: 0.025, devices: 2 }],
  ['error-rate', facts([stats({ requests: 0 })]), undefined],
  ['restarts', facts([stats({ restarts: 2 }), stats({ restarts: 0 }), stats({})]), { value: 2, devices: 2, worst: 2 }],
  ['restarts', facts([stats({})]), undefined],
  ['drift', facts([]), { value: 0.4, devices: 2, requests: 900, features: 2, moved: 1, missing: 0.01 }],
  ['estimated-accuracy', facts([]), { value: 0.75, devices: 2, requests: 900, reference: 1, drop: 0.25 }],
  ['estimated-accuracy', { ...facts([]), estimate: undefined }, undefined],
  ['estimated-error', facts([]), { value: 0.75, devices: 2, requests: 900, reference: 0.5, rise: 0.5 }],
  ['estimated-error', { ...facts([]), errorEstimate: undefined }, undefined],
  [
    'estimated-error',
    { ...facts([]), errorEstimate: { devices: 1, rows: 499, rowsMin: 500, mae: 1, reference: 1 } },
    undefined,
  ],
  ['drift', { ...facts([]), drift: undefined }, undefined],
  ['drift', { ...facts([]), drift: { devices: 1, rows: 499, rowsMin: 500, features: DRIFTED } }, undefined],
] as const)('%s', (measure, given, expected) => {
  const result = measureWave({ measure }, given)
  if (expected === undefined) expect(result).toBeUndefined()
  else expect(result).toMatchObject(expected)
})

test('latency compares each device with itself, and skips devices with too few requests', () => {
  const device = (p99Us: number, before: number, requests = 100, beforeRequests = 100) =>
    stats({
      requests,
      p50Us: p99Us / 2,
      p99Us,
      replaced: { version: 1, stats: { requests: beforeRequests, failures: 0, p50Us: before, p99Us: before } },
    })
  const serving = [device(200, 100), device(300, 100), device(900, 100), device(9e6, 1, 99), device(100, 1, 100, 99)]
  expect(measureWave({ measure: 'latency' }, facts(serving))).toMatchObject({
    value: 3,
    p99_ratio: 3,
    p99_ratio_worst: 9,
    p50_ratio: 1.5,
    devices: 4,
    compared: 3,
    requests: 400,
  })
  const alone = measureWave({ measure: 'latency' }, facts([stats({ p99Us: 500, p50Us: 200 })]))
  expect(alone).toEqual({ devices: 1, compared: 0, requests: 100, p50_us: 200, p99_us: 500 })
})

test.each([
  ['too few requests', stats({ requests: 68 }), 'a p99 needs 100 requests on one device: 68 of 100 requests so far'],
  ['no requests', stats({ requests: 0 }), 'there is nothing to measure yet'],
  [
    'a replaced version with too few requests',
    stats({ p99Us: 5, replaced: { version: 1, stats: { requests: 7, failures: 0 } } }),
    'the replaced version has no p99 to compare with: 7 of 100 requests on one device',
  ],
  ['no replaced version', stats({ p99Us: 5 }), 'there is no value yet'],
])('latency with %s is inconclusive, and says which data it lacks', (_, one, message) => {
  const latency = analysisOf({ measure: 'latency', success: 'result.value < 2' })
  const given = facts([one])
  const taken = { dueAtMs: 1, atMs: 2, result: measureWave(latency, given), gap: gapOfWave(latency, given) }
  expect(judgeTaken(latency, taken)).toMatchObject({ phase: 'inconclusive', message })
})

test('predictions of many devices are merged as if one device made them', () => {
  const parts = [[1, 2, 3], [10], [4, 4]]
  const whole = output(parts.flat())
  const before = { version: 1, stats: { requests: 1, failures: 0, outputs: [output([0, 2])] } }
  const serving = parts.map((part) => stats({ outputs: [output(part, { notFinite: 1 })], replaced: before }))
  const result = measureWave({ measure: 'predictions' }, facts(serving)) ?? {}
  expect(result.mean).toBeCloseTo(whole.mean)
  expect(result.std).toBeCloseTo(whole.std)
  expect(result).toMatchObject({ value: 3 / 9, not_finite: 3, min: 1, max: 10, devices: 3, requests: 6 })
  expect(result.shift).toBeCloseTo(whole.mean - 1)
  expect(measureWave({ measure: { predictions: 'labels' } }, facts(serving))).toBeUndefined()
  const two = stats({ outputs: [output([1]), { ...output([5]), name: 'other' }] })
  expect(measureWave({ measure: 'predictions' }, facts([two])), 'of two outputs there is no mean').not.toHaveProperty(
    'mean',
  )
})

test('each measure gives the fields of its row', () => {
  expect(Object.keys(MEASURES).sort()).toEqual([...BuiltInMeasure.options].sort())
  const one = { outputs: [output([1, 2])], restarts: 1, p50Us: 1, p99Us: 2 }
  const all = stats({ ...one, replaced: { version: 1, stats: stats({ ...one, outputs: [output([1, 2])] }) } })
  for (const [measure, row] of Object.entries(MEASURES)) {
    const result = row.measure(facts([all], { healthy: 1, failed: 1 })) ?? {}
    expect(Object.keys(result).sort(), measure).toEqual(Object.keys(row.fields).sort())
  }
})
