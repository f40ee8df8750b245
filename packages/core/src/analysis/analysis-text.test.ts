import { Analysis, BuiltInMeasure } from '@skerry/contract/deployments/analysis'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { analysesText, analysisText, parseAnalyses, parseAnalysis } from './analysis-text.ts'

const usual = {
  intervalSeconds: 60,
  count: 5,
  initialDelaySeconds: 0,
  failureLimit: 0,
  consecutiveErrorLimit: 4,
}

test.each([
  ['error-rate < 0.01', { name: 'error-rate', measure: 'error-rate', success: 'result.value < 0.01' }],
  [
    'latency p99_ratio <= 1.2 fails p99_ratio > 2 every 30s x3 after 5m bears 1 unsure 2 errors 0 devices 3 requests 500',
    {
      name: 'latency',
      measure: 'latency',
      success: 'result.p99_ratio <= 1.2',
      failure: 'result.p99_ratio > 2',
      intervalSeconds: 30,
      count: 3,
      initialDelaySeconds: 300,
      failureLimit: 1,
      inconclusiveLimit: 2,
      consecutiveErrorLimit: 0,
      minDevices: 3,
      minRequests: 500,
    },
  ],
  [
    'scores: predictions of scores not_finite == 0 dry-run',
    { name: 'scores', measure: { predictions: 'scores' }, success: 'result.not_finite == 0', dryRun: true },
  ],
  [
    'restarts fails > 3 bears -1',
    { name: 'restarts', measure: 'restarts', failure: 'result.value > 3', failureLimit: -1 },
  ],
  [
    'tests: webhook https://a.example/x?y=1;2 `result.passed && result.at != "x5; y"` x1',
    {
      name: 'tests',
      measure: { webhook: 'https://a.example/x?y=1;2' },
      count: 1,
      success: 'result.passed && result.at != "x5; y"',
    },
  ],
] as const)('%s', (text, expected) => {
  expect(parseAnalysis(text)).toEqual({ ...usual, ...expected })
})

test.each([
  '',
  'error-rate',
  'errors < 1',
  'error-rate < ',
  'error-rate < 1 every',
  'error-rate < 1 every soon',
  'error-rate < 1 x2 x3',
  'error-rate < 1 x0',
  'error-rate < 1 bears one',
  'error-rate < 1 and more',
  'webhook < 1',
  'webhook ftp://a/ == 1',
  'error-rate `result.value < 1',
  'Name: error-rate < 1',
])('%j says none', (text) => {
  expect(parseAnalysis(text)).toBeUndefined()
})

test('several are parted, and each has a name of its own', () => {
  const text = 'error-rate < 0.01 every 1m x5; tests: webhook https://a.example/ `result.a == ";"` every 1m x5'
  const analyses = parseAnalyses(text) ?? []
  expect(analyses.map(({ name }) => name)).toEqual(['error-rate', 'tests'])
  expect(analysesText(analyses)).toBe(text)
  expect(parseAnalyses('error-rate < 1; error-rate < 2')).toBeUndefined()
  expect(parseAnalyses('error-rate < 1;')).toHaveLength(1)
})

test('whatever analysis a text says, it says exactly; most have a text', () => {
  const anyCondition = fc.oneof(
    fc.constantFrom('result.value < 0.01', 'result.p99_ratio>=2', 'result.value == 1e-7', 'result.a && !result.b'),
    fc.string({ minLength: 1, maxLength: 30 }),
    fc.stringMatching(/^result\.[a-z]{1,5} (<|<=|!=) -?\d{1,3}(\.\d{1,3})?$/),
  )
  const anyMeasure = fc.oneof(
    fc.constantFrom(...BuiltInMeasure.options),
    fc.string({ minLength: 1, maxLength: 20 }).map((predictions) => ({ predictions })),
    fc.webUrl({ withQueryParameters: true }).map((webhook) => ({ webhook })),
  )
  const anyAnalysis = fc.record(
    {
      name: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/),
      measure: anyMeasure,
      success: anyCondition,
      failure: anyCondition,
      intervalSeconds: fc.integer({ min: 1, max: 86_400 }),
      count: fc.integer({ min: 1, max: 1_000 }),
      initialDelaySeconds: fc.nat(1_000),
      failureLimit: fc.integer({ min: -1, max: 10 }),
      inconclusiveLimit: fc.nat(10),
      consecutiveErrorLimit: fc.nat(10),
      minDevices: fc.integer({ min: 1, max: 10 }),
      minRequests: fc.integer({ min: 1, max: 10 }),
      dryRun: fc.boolean(),
    },
    { requiredKeys: ['name', 'measure'] },
  )
  let said = 0
  fc.assert(
    fc.property(anyAnalysis, (wild) => {
      const { data } = Analysis.safeParse(wild)
      const text = data && analysesText([data])
      if (!data || text === undefined) return
      said++
      const { dryRun, ...rest } = data
      expect(parseAnalyses(text)).toEqual([{ ...rest, ...(dryRun && { dryRun }) }])
    }),
    { numRuns: 1_000 },
  )
  expect(said).toBeGreaterThan(200)
})

test('what only a file can say has no text', () => {
  const analysis = parseAnalysis('error-rate < 1')
  if (!analysis) throw new Error('it says one')
  expect(analysisText({ ...analysis, success: 'result.a == "`"' })).toBeUndefined()
  expect(analysisText({ ...analysis, measure: { predictions: 'two words' } })).toBeUndefined()
})
