/** Cohorts: a site that moves is found and named although all others are calm, and categories and classes are judged. */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { describe, expect, test } from 'vitest'
import { countsOf } from './bins.ts'
import { cohortsOf, verdictWithCohorts } from './cohorts.ts'
import { profileFromWindows } from './collected.ts'
import { explainMonitor } from './explain.ts'
import { featuresOf, largestOf, profileOf } from './profile.ts'
import { textHash } from './text-hash.ts'
import type { CountedWindow } from './verdict.ts'

const values = (count: number, shift = 0) =>
  Array.from({ length: count }, (_, at) => ((at * 0.618_033_988_7) % 1) + shift)

const reference = profileOf({ feature: 'x', side: 'input', tensor: 'x' }, values(5_000))
const kinds = (shares: readonly number[]) => shares.flatMap((count, kind) => Array.from({ length: count }, () => kind))
const category = profileOf({ feature: 'kind', side: 'input', tensor: 'kind' }, kinds([600, 300, 100]))
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

const windowOf = (feature: { edges: readonly number[] }, all: readonly number[]): CountedWindow => ({
  windows: 1,
  startMs: 0,
  endMs: 300_000,
  rows: all.length,
  counted: all.length,
  features: [countsOf(feature.edges, all)],
})

describe('cohorts', () => {
  test('a device is in one cohort of each key that it has', () => {
    const device = { site: 'hamburg', labels: { line: '3' } }
    expect(cohortsOf(['site', 'label:line', 'label:shift'], device)).toEqual(['site=hamburg', 'line=3'])
    expect(cohortsOf([], device)).toEqual([])
  })

  const calm = windowOf(reference, values(20_000))
  const moved = windowOf(reference, values(600, 0.5))
  const judge = (cohorts: [string, CountedWindow][], fleet = cohorts.map(([, window]) => window)) =>
    verdictWithCohorts(profile, { fleet, cohorts: new Map(cohorts.map(([name, window]) => [name, [window]])) }, limits)

  test('a site that moved alerts and is named, although the sum of all is calm', () => {
    const verdict = judge([
      ['site=bremen', calm],
      ['site=hamburg', moved],
    ])
    expect(verdict.features[0]?.state).toBe('ok')
    expect(verdict).toMatchObject({ state: 'alert', moved: ['site=hamburg'] })
    expect(verdict.cohorts?.map(({ cohort, state }) => [cohort, state])).toEqual([
      ['site=hamburg', 'alert'],
      ['site=bremen', 'ok'],
    ])
  })

  test('if all sites moved, none is named', () => {
    const verdict = judge([
      ['site=bremen', moved],
      ['site=hamburg', moved],
    ])
    expect(verdict.state).toBe('alert')
    expect(verdict.moved).toBeUndefined()
  })

  test('a site with too few rows waits, and changes nothing', () => {
    const verdict = judge([
      ['site=bremen', calm],
      ['site=hamburg', windowOf(reference, values(499, 9))],
    ])
    expect(verdict.state).toBe('ok')
    expect(verdict.cohorts?.[1]).toMatchObject({ cohort: 'site=hamburg', state: 'waiting' })
  })

  test('an explanation names figures, limits, windows and the cohort', () => {
    const spec = limits
    const verdict = judge([
      ['site=bremen', calm],
      ['site=hamburg', moved],
    ])
    const monitor = { spec, state: 'alert' as const, versions: [{ version: 1, ...verdict }], acts: [], changedAtMs: 0 }
    const [explained] = explainMonitor({ ...monitor, changedBy: 'ann' }, { time: (ms) => `T${ms}` })
    expect(explained?.lines.join('\n')).toMatch(
      /20600 rows in 2 windows.* from T0 to T300000\.[\s\S]*x: ok\. stability index .*warns above 0\.1[\s\S]*moved at site=hamburg/,
    )
  })
})

describe('categories', () => {
  const judge = (shares: readonly number[], significance = 0.05) =>
    verdictWithCohorts(
      { ...profile, features: [category] },
      { fleet: [windowOf(category, kinds(shares))], cohorts: new Map() },
      { ...limits, significance },
    ).features[0]

  test('whole numbers are categories, and have no distance', () => {
    expect(category.form).toBe('category')
    expect(judge([600, 300, 100])).toMatchObject({ state: 'ok', form: 'category' })
    expect(judge([600, 300, 100])?.wasserstein).toBeUndefined()
  })

  test('a swap of two categories and a new category are drift', () => {
    expect(judge([300, 600, 100])).toMatchObject({ state: 'alert', findings: ['drift'] })
    expect(judge([540, 270, 90, 100])).toMatchObject({ state: 'alert', findings: ['drift'] })
  })

  test('texts are categories by their hash, also if there are many', () => {
    const hashOf = (at: number) => textHash(Uint8Array.from([at % 40, 7]))
    const texts = profileOf(
      { feature: 't', side: 'input', tensor: 't' },
      Array.from({ length: 400 }, (_, at) => hashOf(at)),
      true,
    )
    expect(texts.form).toBe('category')
    // The values of the reference implementation [Fowler, Noll, Vo].
    expect(textHash(new Uint8Array(0))).toBe(0x811c9dc5)
    expect(textHash(Uint8Array.from([97]))).toBe(0xe40c292c)
  })

  test('a flag that stays the same for a while is not stuck', () => {
    expect(judge([1_000, 0, 0])?.findings).not.toContain('stuck')
  })

  test('a difference that chance explains is no drift', () => {
    const few = profileOf({ feature: 'x', side: 'input', tensor: 'x' }, values(40))
    const noisy = windowOf(few, [...values(450), ...values(110, 0.45)])
    const state = (significance: number) =>
      verdictWithCohorts(
        { ...profile, features: [few] },
        { fleet: [noisy], cohorts: new Map() },
        { ...limits, significance },
      ).features[0]
    expect(state(1)?.findings).toEqual(['drift'])
    expect(state(0.05)).toMatchObject({ state: 'ok', findings: [] })
    expect(state(0.05)?.pValue).toBeGreaterThan(0.05)
  })
})

describe('classes', () => {
  test('scores of several classes have a class, and whole outputs have none', () => {
    const scores = { name: 'p', datatype: 'FP32' as const, shape: [-1, 3] } satisfies TensorSpec
    const one = { name: 'y', datatype: 'FP32' as const, shape: [-1, 1] } satisfies TensorSpec
    const { features } = featuresOf({ inputs: [scores], outputs: [scores, one] })
    expect(features.filter(({ isClass }) => isClass).map(({ feature, side }) => [feature, side])).toEqual([
      ['class of p', 'output'],
    ])
  })

  test('the class is the place of the largest score', () => {
    expect(largestOf([0.1, 0.7, 0.2])).toBe(1)
    expect(largestOf([0.4, 0.4])).toBe(0)
    expect(largestOf([-3, -1, -2])).toBe(1)
    expect(largestOf([0.1, Number.NaN])).toBeNaN()
  })
})

test('the windows of devices become a profile with the same bins, if they hold enough rows', () => {
  const few = profileFromWindows(profile, [windowOf(reference, values(499))])
  expect(few).toMatchObject({ ok: false, message: expect.stringContaining('499 rows') })
  const made = profileFromWindows(profile, [windowOf(reference, values(300, 2)), windowOf(reference, values(300, 2))])
  if (!made.ok) throw new Error(made.message)
  expect(made.profile).toMatchObject({ origin: 'devices', rows: 600 })
  expect(made.profile.features[0]?.edges).toEqual(reference.edges)
  const again = { fleet: [windowOf(reference, values(600, 2))], cohorts: new Map() }
  expect(verdictWithCohorts(made.profile, again, limits).state).toBe('ok')
})
