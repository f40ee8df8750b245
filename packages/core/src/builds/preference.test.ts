import type { BuildPreference } from '@skerry/contract/builds/build'
import { expect, test } from 'vitest'
import { admit, type Bounds, compareBy, preferenceOf, type Standing } from './preference.ts'

const FAST = { low: 1.2, middle: 1.3, high: 1.4 }
const SAME = { low: 0.9, middle: 1, high: 1.1 }
const SLOW = { low: 0.5, middle: 0.6, high: 0.7 }

const NO_GOAL: Bounds = { versionBytes: 1_000, p95MaxMs: undefined }
const GOAL: Bounds = { versionBytes: 1_000, p95MaxMs: 12 }

const standing = (rest: Partial<Standing> = {}): Standing => ({
  sizeBytes: 500,
  fidelity: [{ output: 'y', agreement: 0.995, difference: 0.1 }],
  speed: FAST,
  p95Ms: 10,
  peakBytes: 100_000_000,
  versionPeakBytes: 150_000_000,
  ...rest,
})

test.each<[BuildPreference, string, Partial<Standing>, Bounds, string]>([
  ['best', 'is faster for certain', {}, NO_GOAL, 'best'],
  ['best', 'may be slower', { speed: SAME }, NO_GOAL, 'slower'],
  ['best', 'may be slower and keeps the p95 goal', { speed: SAME }, GOAL, 'slower'],
  ['best', 'is faster and larger', { sizeBytes: 2_000 }, NO_GOAL, 'best'],
  ['most-accurate', 'may be slower', { speed: SAME }, GOAL, 'slower'],
  ['smallest', 'may be slower', { speed: SAME }, NO_GOAL, 'best'],
  ['smallest', 'is slower for certain', { speed: SLOW }, NO_GOAL, 'slower'],
  ['smallest', 'is slower, and keeps the p95 goal', { speed: SLOW }, GOAL, 'best'],
  ['smallest', 'is slower, and misses the p95 goal', { speed: SLOW, p95Ms: 12 }, GOAL, 'late'],
  ['smallest', 'may be slower, and misses the p95 goal', { speed: SAME, p95Ms: 13 }, GOAL, 'late'],
  ['smallest', 'is faster, and misses the p95 goal as the version does', { p95Ms: 13 }, GOAL, 'best'],
  ['smallest', 'was compared with nothing', { speed: undefined }, NO_GOAL, 'slower'],
  ['smallest', 'has a p95 that nobody measured', { speed: SAME, p95Ms: undefined }, GOAL, 'late'],
  ['smallest', 'is as large as the version', { sizeBytes: 1_000 }, NO_GOAL, 'larger'],
  ['smallest', 'has a version of unknown size', {}, { ...NO_GOAL, versionBytes: undefined }, 'larger'],
  ['least-memory', 'takes a third less', {}, NO_GOAL, 'best'],
  ['least-memory', 'takes less by as little as noise', { peakBytes: 145_000_000 }, NO_GOAL, 'larger'],
  ['least-memory', 'was measured without the version', { versionPeakBytes: undefined }, NO_GOAL, 'larger'],
  ['least-memory', 'is larger on the disk', { sizeBytes: 2_000 }, NO_GOAL, 'best'],
])('%s judges a build that %s', (prefer, _case, rest, bounds, reason) => {
  expect(admit(prefer, standing(rest), bounds)).toBe(reason)
})

const fidelity = (agreement: number, difference: number) => [
  { output: 'y', agreement, difference },
  { output: 'z', agreement: 1, difference: 0 },
]

test.each<[BuildPreference, string, Partial<Standing>, Partial<Standing>]>([
  ['best', 'the faster one', { speed: { ...FAST, middle: 1.35 } }, { sizeBytes: 1 }],
  ['smallest', 'the smaller one', { sizeBytes: 499 }, { speed: { ...FAST, middle: 1.39 } }],
  ['smallest', 'of two of one size, the faster one', { speed: { ...FAST, middle: 1.35 } }, {}],
  ['least-memory', 'the one with less memory', { peakBytes: 90_000_000 }, { sizeBytes: 1 }],
  ['most-accurate', 'the one that agrees more', { fidelity: fidelity(0.999, 9) }, { fidelity: fidelity(0.998, 0) }],
  [
    'most-accurate',
    'of equal agreement, the nearer one',
    { fidelity: fidelity(1, 0.1) },
    { fidelity: fidelity(1, 0.2) },
  ],
])('%s prefers %s', (prefer, _case, better, worse) => {
  const compare = compareBy(prefer, NO_GOAL)
  expect(compare(standing(better), standing(worse))).toBeLessThan(0)
  expect(compare(standing(worse), standing(better))).toBeGreaterThan(0)
})

test('a build that keeps the p95 goal comes before a smaller one that misses it, and the fastest one needs no goal', () => {
  const late = standing({ sizeBytes: 1, p95Ms: 13, speed: { ...FAST, middle: 1.39 } })
  expect(compareBy('smallest', GOAL)(standing(), late)).toBeLessThan(0)
  expect(compareBy('smallest', NO_GOAL)(standing(), late)).toBeGreaterThan(0)
  expect(compareBy('best', GOAL)(standing(), late)).toBeGreaterThan(0)
})

test('a spec names a preference, or none', () => {
  const named = ['best', 'smallest', 'least-memory', 'most-accurate', 'float16', 'bld_aaaaaaaaaaaa2222', undefined]
  expect(named.map(preferenceOf)).toEqual([...named.slice(0, 4), undefined, undefined, undefined])
  expect(preferenceOf('toString')).toBeUndefined()
})
