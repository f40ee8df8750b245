import type { BuildPreference, Recipe } from '@skerry/contract/builds/build'
import { ClassChoice, type Ratio } from '@skerry/contract/builds/measurement'
import { BuildId } from '@skerry/contract/values/ids'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  buildFor,
  type ChoiceBuild,
  type ChoiceMeasurement,
  chooseBuilds,
  classBuildsOf,
  isSameChoice,
} from './choice.ts'

const build = (letter: string, recipe: Recipe, sizeBytes = 100): ChoiceBuild => ({
  id: BuildId.parse(`bld_${letter.repeat(16)}`),
  recipe,
  sizeBytes,
})
const HALF = build('a', 'float16')
const DYNAMIC = build('b', 'dynamic-int8')
const STATIC = build('c', 'static-int8-percentile')
const BUILDS = [HALF, DYNAMIC, STATIC]
const FAST = 'x64-vnni-4c'
const SLOW = 'x64-avx2-4c'

const near = (middle: number): Ratio => ({ low: middle - 0.05, middle, high: middle + 0.05 })

const measured = ({ id }: ChoiceBuild, rest: Partial<ChoiceMeasurement> = {}): ChoiceMeasurement => ({
  build: id,
  hardwareClass: FAST,
  device: 'press-1',
  measuredAtMs: 1,
  ...rest,
})
const timed = (one: ChoiceBuild, speed: Ratio | undefined, rest: Partial<ChoiceMeasurement> = {}) =>
  measured(one, { timing: { speed }, ...rest })

const choose = (measurements: ChoiceMeasurement[], classes: string[] = []) =>
  chooseBuilds({ builds: BUILDS, measurements, classes })
const reasonsOf = ({ candidates }: ClassChoice | undefined = { hardwareClass: '', candidates: [] }) =>
  Object.fromEntries(candidates.map(({ recipe, reason }) => [recipe, reason]))

test('each class gets its own fastest build, and the reason for each other one', () => {
  const [slow, fast] = choose([
    timed(DYNAMIC, near(1.1)),
    timed(STATIC, near(1.31), { device: 'press-2' }),
    timed(DYNAMIC, near(1.2), { hardwareClass: SLOW }),
    timed(STATIC, near(0.8), { hardwareClass: SLOW }),
  ])
  expect(fast).toMatchObject({ hardwareClass: FAST, build: STATIC.id, recipe: STATIC.recipe })
  expect(fast?.candidates[0]).toEqual({
    build: STATIC.id,
    recipe: STATIC.recipe,
    reason: 'best',
    speed: near(1.31),
    device: 'press-2',
  })
  expect(reasonsOf(fast)).toEqual({
    'static-int8-percentile': 'best',
    'dynamic-int8': 'behind',
    float16: 'unmeasured',
  })
  expect(slow).toMatchObject({ hardwareClass: SLOW, build: DYNAMIC.id })
  expect(reasonsOf(slow)).toEqual({
    'dynamic-int8': 'best',
    'static-int8-percentile': 'slower',
    float16: 'unmeasured',
  })
})

test('a class that nobody measured gets the version itself', () => {
  const [choice] = choose([], [SLOW])
  expect(choice).toEqual({ hardwareClass: SLOW, candidates: expect.any(Array) })
  expect(Object.values(reasonsOf(choice))).toEqual(['unmeasured', 'unmeasured', 'unmeasured'])
  expect(chooseBuilds({ builds: [], measurements: [], classes: [SLOW] })).toEqual([
    { hardwareClass: SLOW, candidates: [] },
  ])
})

test.each([
  ['its interval reaches 1', timed(STATIC, { low: 1, middle: 1.4, high: 1.8 }), 'slower'],
  ['it was compared with nothing', timed(STATIC, undefined), 'slower'],
  ['it answers otherwise', measured(STATIC, { problem: { code: 'wrong' } }), 'wrong'],
  ['it crashed', measured(STATIC, { problem: { code: 'failed' } }), 'failed'],
  ['it has neither a figure nor a reason', measured(STATIC), 'failed'],
])('a build is not chosen if %s', (_why, measurement, reason) => {
  const [choice] = choose([measurement])
  expect(choice?.build).toBeUndefined()
  expect(reasonsOf(choice)).toMatchObject({ [STATIC.recipe]: reason })
})

test('the newest measurement of a class counts, of whichever device', () => {
  const before = timed(STATIC, near(1.5), { device: 'press-1', measuredAtMs: 1 })
  const after = measured(STATIC, { problem: { code: 'wrong' }, device: 'press-2', measuredAtMs: 2 })
  expect(reasonsOf(choose([before, after])[0])).toMatchObject({ [STATIC.recipe]: 'wrong' })
  expect(choose([after, { ...before, measuredAtMs: 3 }])[0]?.build).toBe(STATIC.id)
})

test('of two equally fast builds, the smaller one is the best', () => {
  const small = build('d', 'matmul-4bit', 50)
  const measurements = [timed(STATIC, near(1.3)), timed(small, near(1.3))]
  const [choice] = chooseBuilds({ builds: [STATIC, small], measurements, classes: [] })
  expect(choice?.build).toBe(small.id)
})

const preferred = (prefer: BuildPreference, p95MaxMs?: number) => {
  const figures = (speed: Ratio, p95Ms: number, peakBytes: number) => ({ timing: { speed, p95Ms, peakBytes } })
  const builds = [
    { ...build('a', 'float16', 500), fidelity: [{ output: 'y', agreement: 1, difference: 0.01 }] },
    { ...build('b', 'matmul-4bit', 120), fidelity: [{ output: 'y', agreement: 0.99, difference: 0.04 }] },
    { ...build('c', 'static-int8-percentile', 250), fidelity: [{ output: 'y', agreement: 0.992, difference: 0.04 }] },
    { ...build('d', 'dynamic-int8', 300), fidelity: [{ output: 'y', agreement: 0.999, difference: 0.02 }] },
  ]
  const [half, four, fixed, dynamic] = builds
  if (!half || !four || !fixed || !dynamic) throw new Error('a build is missing')
  const [choice] = chooseBuilds({
    builds,
    measurements: [
      measured(half, figures(near(1), 20, 150)),
      measured(four, figures(near(0.8), 25, 90)),
      measured(fixed, figures(near(1.3), 15, 120)),
      measured(dynamic, figures(near(1.1), 18, 130)),
    ],
    classes: [],
    prefer,
    versionPeaks: [
      { hardwareClass: FAST, device: 'press-1', peakBytes: 150 },
      { hardwareClass: SLOW, device: 'press-1', peakBytes: 1 },
    ],
    bounds: { versionBytes: 1_000, p95MaxMs },
  })
  return { recipe: choice?.recipe, reasons: reasonsOf(choice) }
}

test.each<[BuildPreference, number | undefined, string, Record<string, string>]>([
  [
    'best',
    undefined,
    'static-int8-percentile',
    { 'dynamic-int8': 'behind', float16: 'slower', 'matmul-4bit': 'slower' },
  ],
  [
    'smallest',
    undefined,
    'static-int8-percentile',
    { 'dynamic-int8': 'behind', float16: 'behind', 'matmul-4bit': 'slower' },
  ],
  ['smallest', 30, 'matmul-4bit', { 'static-int8-percentile': 'behind', 'dynamic-int8': 'behind', float16: 'behind' }],
  ['smallest', 19, 'static-int8-percentile', { 'dynamic-int8': 'behind', float16: 'late', 'matmul-4bit': 'late' }],
  ['smallest', 17, 'static-int8-percentile', { 'dynamic-int8': 'late', float16: 'late', 'matmul-4bit': 'late' }],
  [
    'least-memory',
    30,
    'matmul-4bit',
    { 'static-int8-percentile': 'behind', 'dynamic-int8': 'behind', float16: 'larger' },
  ],
  [
    'most-accurate',
    undefined,
    'dynamic-int8',
    { 'static-int8-percentile': 'behind', float16: 'slower', 'matmul-4bit': 'slower' },
  ],
  [
    'most-accurate',
    16,
    'static-int8-percentile',
    { 'dynamic-int8': 'late', float16: 'slower', 'matmul-4bit': 'slower' },
  ],
])('with %s and a p95 goal of %s ms, the class gets %s', (prefer, p95MaxMs, recipe, others) => {
  expect(preferred(prefer, p95MaxMs)).toEqual({ recipe, reasons: { [recipe]: 'best', ...others } })
})

test('two choices are the same if they give the same build to every class', () => {
  const one = { hardwareClass: FAST, build: STATIC.id }
  const other = { hardwareClass: SLOW, build: DYNAMIC.id }
  expect(isSameChoice([one, other], [other, one])).toBe(true)
  expect(isSameChoice([one], [one, other])).toBe(false)
  expect(isSameChoice([one], [{ ...one, build: DYNAMIC.id }])).toBe(false)
  expect(isSameChoice(undefined, [])).toBe(false)
  expect(isSameChoice(undefined, undefined)).toBe(true)
  expect(buildFor([one], undefined)).toBeUndefined()
})

const ratio = fc
  .tuple(fc.double({ min: 0, max: 2, noNaN: true }), fc.double({ min: 0, max: 2, noNaN: true }))
  .map(([low, more]): Ratio => ({ low, middle: low + more / 2, high: low + more }))
const anyMeasurement = fc.record({
  build: fc.constantFrom(...BUILDS.map(({ id }) => id)),
  hardwareClass: fc.constantFrom(FAST, SLOW),
  device: fc.constantFrom('press-1', 'press-2', 'press-3'),
  measuredAtMs: fc.integer({ min: 0, max: 3 }),
  timing: fc.option(fc.record({ speed: fc.option(ratio, { nil: undefined }) }), { nil: undefined }),
  problem: fc.option(fc.record({ code: fc.constantFrom('wrong', 'failed') }), { nil: undefined }),
})

/** A device has one measurement of each build. */
const anyMeasurements = fc.uniqueArray(anyMeasurement, {
  selector: ({ build: id, device, hardwareClass }) => `${id} ${device} ${hardwareClass}`,
})

test('whatever was measured, a chosen build is faster for certain, and no admissible one is faster still', () => {
  fc.assert(
    fc.property(anyMeasurements, (measurements) => {
      for (const { build: chosen, candidates } of choose(measurements, [FAST])) {
        const best = candidates.filter(({ reason }) => reason === 'best')
        expect(best.map(({ build: id }) => id)).toEqual(chosen === undefined ? [] : [chosen])
        expect(best.every(({ speed }) => speed !== undefined && speed.low > 1)).toBe(true)
        const sure = candidates.filter(({ speed }) => speed !== undefined && speed.low > 1)
        const middles = sure.map(({ speed }) => speed?.middle ?? 0)
        expect(best[0]?.speed?.middle ?? Number.NEGATIVE_INFINITY).toBe(Math.max(...middles))
      }
    }),
  )
})

test('every row fits the contract, names every build, and fixes the same build as the revision', () => {
  fc.assert(
    fc.property(anyMeasurements, (measurements) => {
      const choices = choose(measurements, [FAST])
      const fixed = classBuildsOf(choices)
      for (const choice of choices) {
        ClassChoice.parse(choice)
        expect(choice.candidates).toHaveLength(BUILDS.length)
        expect(buildFor(fixed, choice.hardwareClass)).toBe(choice.build)
      }
    }),
  )
})

test('the order of builds and measurements changes nothing', () => {
  fc.assert(
    fc.property(anyMeasurements, (measurements) => {
      const other = chooseBuilds({
        builds: BUILDS.toReversed(),
        measurements: measurements.toReversed(),
        classes: [SLOW, FAST],
      })
      expect(other).toEqual(choose(measurements, [FAST, SLOW]))
    }),
  )
})

test('a choice holds the settings that are faster than one thread for certain, and other settings are another choice', () => {
  const timing = { n: 9, p50Ms: 1, p95Ms: 2, peakBytes: 1, speed: near(2) }
  const sessions = [{ threads: 2, spin: true, timing }]
  const [choice] = choose([timed(STATIC, near(1.31), { sessions })])
  expect(choice?.session).toEqual({ threads: 2, spin: true, speed: near(2) })
  const fixed = classBuildsOf(choice ? [choice] : [])
  expect(fixed).toEqual([{ hardwareClass: FAST, build: STATIC.id, session: { threads: 2, spin: true } }])
  const [plain] = choose([timed(STATIC, near(1.97), { sessions })])
  expect(plain).not.toHaveProperty('session')
  const unfixed = classBuildsOf(plain ? [plain] : [])
  expect([isSameChoice(fixed, fixed), isSameChoice(fixed, unfixed)]).toEqual([true, false])
})
