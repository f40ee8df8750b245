import { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { parseAnalyses } from '@skerry/core/analysis/analysis-text'
import { presetStrategy } from '@skerry/core/deployments/strategy-presets'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { draftOf, problemsOf, readDraft } from './draft.ts'
import { deploySearch } from './draft-search.ts'

test('a deployment draft needs only a model', () => {
  expect(readDraft({ model: 'ocr' })).toEqual({
    spec: DeploymentSpec.parse({ name: 'ocr', deployable: 'ocr' }),
    problems: {},
  })
})

test.each<[Parameters<typeof readDraft>[0], Record<string, unknown>]>([
  [{}, { model: 'choose a model' }],
  [{ model: 'ocr', name: '' }, { name: expect.stringContaining('a-z') }],
  [{ model: 'ocr', name: 'Big_Name' }, { name: expect.stringContaining('a-z') }],
  [{ model: 'ocr', version: 'best' }, { version: expect.stringContaining('@alias') }],
  [{ model: 'ocr', to: 'site.city == "a"' }, { to: expect.stringContaining('site has no city') }],
  [{ model: 'ocr', to: ' ' }, { to: expect.any(String) }],
  [{ model: 'ocr', waves: [{ soak: 'soon' }] }, { 'waves.0.soak': expect.stringContaining('5m') }],
  [{ model: 'ocr', waves: [{}, { limit: 'many' }] }, { 'waves.1.limit': expect.stringContaining('10%') }],
  [{ model: 'ocr', waves: [{ failures: '-1' }] }, { 'waves.0.failures': expect.stringContaining('10%') }],
  [{ model: 'ocr', waves: [{ executed: '0' }] }, { 'waves.0.executed': 'at least 1' }],
  [{ model: 'ocr', waves: [{ executed: 'x' }] }, { 'waves.0.executed': 'a number' }],
  [{ model: 'ocr', waves: [{ to: '1 +' }] }, { 'waves.0.to': expect.stringContaining('not a selector') }],
  [{ model: 'ocr', waves: [{ limits: 'often' }] }, { 'waves.0.limits': expect.stringContaining('rejected 2') }],
  [{ model: 'ocr', waves: [{ gates: 'quality > 1' }] }, { 'waves.0.gates': expect.stringContaining('error-rate') }],
  [{ model: 'ocr', rate: 'fast' }, { rate: expect.stringContaining('such as 100') }],
  [{ model: 'ocr', budget: '0' }, { budget: expect.stringContaining('per site.name') }],
  [{ model: 'ocr', shadow: '100 of 0%' }, { shadow: expect.stringContaining('answers to compare') }],
  [{ model: 'ocr', switchOver: 'never' }, { switchOver: expect.stringContaining('approved') }],
  [{ model: 'ocr', install: 'at night' }, { install: expect.stringContaining('a window such as') }],
  [{ model: 'ocr', locks: 'no' }, { locks: 'ignore, or empty' }],
  [{ model: 'ocr', retry: '99' }, { retry: expect.stringContaining('tries') }],
  [{ model: 'ocr', onFailure: 'panic' }, { onFailure: expect.any(String) }],
  [{ model: 'ocr', serving: { instances: '65' } }, { 'serving.instances': 'at most 64' }],
  [{ model: 'ocr', serving: { threads: 'few' } }, { 'serving.threads': 'a number' }],
  [{ model: 'ocr', serving: { scaling: '4' } }, { 'serving.scaling': expect.stringContaining('MIN..MAX') }],
  [{ model: 'ocr', serving: { scaling: '0..65 rps=2' } }, { 'serving.scaling': expect.stringContaining('64') }],
  [{ model: 'ocr', probation: { failureRateMax: '2' } }, { 'probation.failureRateMax': 'at most 1' }],
])('%j: each problem is reported at its field', (draft, problems) => {
  const read = readDraft(draft)
  expect(read.problems).toEqual(problems)
  expect(read.spec).toBeUndefined()
})

test('a draft keeps the policies by which a deployment scales', () => {
  const target = { metric: 'concurrency', value: 2 } as const
  const spec = DeploymentSpec.parse({
    name: 'ocr',
    deployable: 'ocr',
    serving: { scaling: { min: 0, max: 4, target } },
    placement: { replicas: 1, scaling: { max: 3, target, cooldownSeconds: 300 } },
  })
  expect(draftOf(spec)).toMatchObject({ serving: { scaling: '0..4 concurrency=2' } })
  expect(readDraft(deploySearch(draftOf(spec)))).toEqual({ spec, problems: {} })
})

test('each problem belongs to one step, and the last step lists all problems', () => {
  const { problems } = readDraft({
    model: 'ocr',
    name: 'A',
    to: '1 +',
    waves: [{ soak: 'x' }],
    serving: { threads: '0' },
  })
  expect(Object.keys(problemsOf('what', problems)).sort()).toEqual(['name', 'serving.threads'])
  expect(Object.keys(problemsOf('where', problems))).toEqual(['to'])
  expect(Object.keys(problemsOf('how', problems))).toEqual(['waves.0.soak'])
  expect(Object.keys(problemsOf('review', problems))).toHaveLength(4)
})

const seconds = fc.integer({ min: 1, max: 2_592_000 })
const amount = fc.oneof(
  fc.nat(1_000),
  fc.integer({ min: 0, max: 100 }).map((share) => `${share}%`),
)
const name = fc.stringMatching(/^[a-z]{1,8}$/)
const selector = fc.constantFrom('true', 'site.country == "DE"', 'device.labels.line in ["1", "2"] && device.online')
const wave = fc.record(
  {
    name,
    selector,
    limit: amount,
    soakSeconds: seconds,
    failuresMax: amount,
    minExecuted: seconds.map((n) => (n % 9) + 1),
    deadlineSeconds: seconds,
    limits: fc.array(
      fc.record({
        kind: fc.constantFrom('failed', 'rejected', 'timed-out', 'all'),
        max: amount,
        minExecuted: fc.integer({ min: 1, max: 50 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    analysis: fc.constantFrom(
      ...['latency p99_ratio < 2', 'error-rate < 0.1; tests: webhook https://a.example/ `result.ok` dry-run'].map(
        parseAnalyses,
      ),
    ),
    approval: fc.constant(true),
    pauseAfter: fc.constant(true),
  },
  { requiredKeys: [] },
)
const night = { cron: '0 2,4 * * *', timeZone: 'Europe/Berlin', durationSeconds: 5_400 }
const specs = fc
  .record({
    name,
    deployable: name,
    version: fc.constantFrom('latest', '3', '@best'),
    selector,
    placement: fc.constantFrom(undefined, {}, { replicas: 2, residency: ['EU'], spread: 'site' }),
    strategy: fc.oneof(
      fc.constantFrom(
        presetStrategy('staged'),
        presetStrategy('cautious'),
        presetStrategy('shadow'),
        presetStrategy('blue-green'),
      ),
      fc.record(
        {
          waves: fc
            .tuple(fc.boolean(), fc.array(wave, { maxLength: 3 }))
            .map(([mandatory, [first, ...rest]]) =>
              first === undefined ? [] : [mandatory ? { ...first, mandatory, failuresMax: 0 } : first, ...rest],
            ),
          onFailure: fc.constantFrom('pause', 'abort', 'rollback-wave', 'rollback-all'),
          offline: fc.constantFrom('wait', 'skip'),
          lateJoiners: fc.constantFrom('wave', 'last', 'hold'),
          rate: fc.constantFrom({ perMinute: 7 }, { basePerMinute: 1, factor: 2, per: { notified: 3 } }),
          budget: fc.constantFrom({ maxUnavailable: '20%', groupBy: 'site.name' }, { minAvailable: 3 }),
          shadow: fc.constantFrom({}, { share: 0.25, promote: false, tolerance: { absolute: 0, relative: 1e-7 } }),
          switchOver: fc.constantFrom({}, { approval: false, keepSeconds: 0 }),
          retry: fc.constantFrom({ max: 2 }, { max: 1, backoffSeconds: 7 }),
          window: fc.constantFrom({ download: night }, { install: night }, { download: night, install: night }),
          ignoreLocks: fc.constant(true),
        },
        { requiredKeys: ['waves'] },
      ),
    ),
    serving: fc.record({
      instances: fc.integer({ min: 1, max: 64 }),
      spin: fc.boolean(),
      isolation: fc.constantFrom('shared', 'process'),
      onCrash: fc.constantFrom('isolate', 'stop'),
    }),
    probation: fc.record({ seconds: fc.nat(1_000), failureRateMax: fc.constantFrom(0, 0.05, 0.5) }),
  })
  .map((spec) => DeploymentSpec.parse(spec))

test('a deployment stays the same when it is stored as a draft in an address', () => {
  fc.assert(
    fc.property(specs, (spec) => {
      const address = Object.fromEntries(
        Object.entries(draftOf(spec)).map(([key, value]) => [
          key,
          JSON.parse(JSON.stringify(value ?? null)) ?? undefined,
        ]),
      )
      expect(readDraft(deploySearch(address))).toEqual({ spec, problems: {} })
    }),
  )
})

test('the address parser drops fields that are not part of a draft', () => {
  expect(
    deploySearch({ step: 'dance', model: 7, version: 2, name: '', waves: [{ limit: 5, x: 1 }, 'no'], other: 1 }),
  ).toEqual({
    model: '7',
    version: '2',
    name: '',
    waves: [{ limit: '5' }, {}],
  })
})

test('a policy that cannot be read is a problem of its step, and an empty one is none', () => {
  const { problems } = readDraft({ model: 'm', place: 'in=EUROPE' })
  expect(problemsOf('where', problems).place).toContain('must be a country such as DE')
  expect(readDraft({ model: 'm', place: ' ' }).spec?.placement).toBeUndefined()
  expect(readDraft({ model: 'm', place: 'edge' }).spec?.placement).toMatchObject({ replicas: 'all', order: ['edge'] })
})
