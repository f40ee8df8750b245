import {
  Analysis,
  type AnalysisRun,
  type Measurement,
  type MeasurementPhase,
} from '@skerry/contract/deployments/analysis'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { beginAnalysis, endAnalysis, standOf, takeMeasurement } from './analysis.ts'

const analysisOf = (change: object) =>
  Analysis.parse({
    name: 'a',
    measure: 'error-rate',
    success: 'result.value < 1',
    intervalSeconds: 60,
    count: 3,
    ...change,
  })

const next = (run: AnalysisRun, phase: MeasurementPhase): Measurement => {
  const dueAtMs = run.dueAtMs ?? 0
  return { dueAtMs, atMs: dueAtMs + 5, phase, ...(phase !== 'successful' && { message: 'said so' }) }
}

function play(analysis: Analysis, phases: readonly MeasurementPhase[], isSettled = true): AnalysisRun {
  return phases.reduce(
    (run, phase) => takeMeasurement(analysis, run, { measurement: next(run, phase), isSettled }),
    beginAnalysis(analysis, 1_000),
  )
}

const phases = { s: 'successful', f: 'failed', i: 'inconclusive', e: 'error' } as const
const spelled = (text: string) => [...text].map((letter) => phases[letter as keyof typeof phases])

test.each([
  ['sss', {}, 'successful'],
  ['ss', {}, undefined],
  ['f', {}, 'failed'],
  ['fs', { failureLimit: 1 }, undefined],
  ['fss', { failureLimit: 1 }, 'successful'],
  ['sff', { failureLimit: 1 }, 'failed'],
  ['fff', { failureLimit: -1 }, 'successful'],
  ['ssi', {}, 'inconclusive'],
  ['iss', {}, 'inconclusive'],
  ['is', {}, undefined],
  ['iss', { inconclusiveLimit: 1 }, 'successful'],
  ['ii', { inconclusiveLimit: 1 }, 'inconclusive'],
  ['iii', { inconclusiveLimit: 9 }, 'inconclusive'],
  // What failed is failed, whatever else holds.
  ['isf', {}, 'failed'],
  ['eeee', {}, undefined],
  ['eeeee', {}, 'error'],
  ['eeeeseeee', {}, undefined],
  ['eeeesss', {}, 'successful'],
  ['e', { consecutiveErrorLimit: 0 }, 'error'],
] as const)('%s with %j is %s', (text, change, verdict) => {
  expect(play(analysisOf(change), spelled(text)).verdict).toBe(verdict)
})

test('while devices are undecided only failures and errors count', () => {
  const analysis = analysisOf({})
  const rolling = play(analysis, spelled('ssssiiii'), false)
  expect(rolling).toMatchObject({ settled: 0, counts: { successful: 0, inconclusive: 0 } })
  expect(rolling.last).toHaveLength(8)
  expect(rolling.verdict).toBeUndefined()
  expect(play(analysis, spelled('ssf'), false).verdict).toBe('failed')
  expect(play(analysis, spelled('eeeee'), false).verdict).toBe('error')
})

test('the next measurement is due an interval after the last, and an error is tried again sooner', () => {
  const analysis = analysisOf({ initialDelaySeconds: 30 })
  const begun = beginAnalysis(analysis, 1_000)
  expect(begun.dueAtMs).toBe(31_000)
  const late = { dueAtMs: 31_000, atMs: 100_000, phase: 'successful' } as const
  expect(takeMeasurement(analysis, begun, { measurement: late, isSettled: true }).dueAtMs).toBe(160_000)
  const error = { ...late, phase: 'error' } as const
  expect(takeMeasurement(analysis, begun, { measurement: error, isSettled: true }).dueAtMs).toBe(110_000)
})

test('one that ends early says nothing', () => {
  expect(endAnalysis(play(analysisOf({}), spelled('ss')))).toMatchObject({ verdict: 'inconclusive' })
  expect(endAnalysis(play(analysisOf({}), spelled('f')))).toMatchObject({ verdict: 'failed' })
})

test('for any measurements the failure limit is exact, a dry run decides nothing, and heard twice counts once', () => {
  const anyPhase = fc.constantFrom(...Object.values(phases))
  const limits = fc.record({
    count: fc.integer({ min: 1, max: 6 }),
    failureLimit: fc.integer({ min: -1, max: 3 }),
    inconclusiveLimit: fc.option(fc.nat(3), { nil: undefined }),
    consecutiveErrorLimit: fc.nat(4),
    dryRun: fc.boolean(),
  })
  fc.assert(
    fc.property(limits, fc.array(fc.tuple(anyPhase, fc.boolean()), { maxLength: 30 }), (change, taken) => {
      const analysis = analysisOf(change)
      let run = beginAnalysis(analysis, 0)
      let failed = 0
      for (const [phase, isSettled] of taken) {
        const measurement = next(run, phase)
        const wasOver = run.verdict !== undefined
        run = takeMeasurement(analysis, run, { measurement, isSettled })
        if (wasOver) continue
        failed += phase === 'failed' ? 1 : 0
        expect(run.counts.failed).toBe(failed)
        const isBroken = analysis.failureLimit >= 0 && failed > analysis.failureLimit
        expect(run.verdict === 'failed', 'exactly beyond the limit').toBe(isBroken)
        expect(takeMeasurement(analysis, run, { measurement, isSettled }), 'heard twice').toBe(run)
        if (run.verdict === 'successful') {
          expect(run.settled).toBeGreaterThanOrEqual(analysis.count)
          expect(run.counts.inconclusive).toBeLessThanOrEqual(analysis.inconclusiveLimit ?? 0)
          expect(run.counts.successful + run.counts.failed, 'no data is no success').toBeGreaterThan(0)
        }
      }
      expect(run.last.length).toBeLessThanOrEqual(10)
      expect(run.dueAtMs === undefined, 'over').toBe(run.verdict !== undefined)
      if (analysis.dryRun) expect(standOf(analysis, run)).toBe('passed')
    }),
    { numRuns: 2_000 },
  )
})
