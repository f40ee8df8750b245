/**
 * Preference: which goal has priority when several builds of a version are admissible on a class of hardware. Each
 * preference says which builds it admits there, and which of two is better.
 *
 * The p95 goal of the version's last optimisation is a bound, not a preference: a build may only be slower than the
 * version if it keeps that goal.
 */
import type { BuildPreference, OutputFidelity } from '@skerry/contract/builds/build'
import type { ChoiceReason, Ratio } from '@skerry/contract/builds/measurement'

/** A build with right answers, as a device of the class measured it. */
export type Standing = {
  sizeBytes: number
  fidelity: readonly OutputFidelity[]
  speed: Ratio | undefined
  p95Ms: number | undefined
  peakBytes: number | undefined
  /** The memory of the version itself on the same device; undefined if it did not measure that. */
  versionPeakBytes: number | undefined
}

export type Bounds = {
  /** Of the model of the version itself. Undefined: no build is known to be smaller. */
  versionBytes: number | undefined
  p95MaxMs: number | undefined
}

type Rule = {
  /** Whether the build takes less than the version of that which the preference is about. */
  gains(build: Standing, bounds: Bounds): boolean
  /** Whether a build is admitted that is not faster than the version for certain. */
  maySlow: boolean
  /** Negative if the first one is better. */
  compare(a: Standing, b: Standing): number
}

/** The peaks of one model differed by up to 4.5 % between eight processes that ran the same cases. */
const MEMORY_NOISE = 0.95

const bySpeed = (a: Standing, b: Standing) => (b.speed?.middle ?? 0) - (a.speed?.middle ?? 0)

const rules: Readonly<Record<BuildPreference, Rule>> = {
  best: { gains: () => true, maySlow: false, compare: bySpeed },
  smallest: {
    gains: ({ sizeBytes }, { versionBytes }) => versionBytes !== undefined && sizeBytes < versionBytes,
    maySlow: true,
    compare: (a, b) => a.sizeBytes - b.sizeBytes || bySpeed(a, b),
  },
  'least-memory': {
    gains: ({ peakBytes, versionPeakBytes }) =>
      peakBytes !== undefined && versionPeakBytes !== undefined && peakBytes < MEMORY_NOISE * versionPeakBytes,
    maySlow: true,
    compare: (a, b) => (a.peakBytes ?? 0) - (b.peakBytes ?? 0) || bySpeed(a, b),
  },
  'most-accurate': {
    gains: () => true,
    maySlow: false,
    compare: (a, b) => agreementOf(b) - agreementOf(a) || differenceOf(a) - differenceOf(b) || bySpeed(a, b),
  },
}

/** The worst output decides, as at the gate. Outputs of one value have no agreement. */
const agreementOf = ({ fidelity }: Standing): number =>
  fidelity.reduce((least, { agreement = 1 }) => Math.min(least, agreement), 1)

const differenceOf = ({ fidelity }: Standing): number =>
  fidelity.reduce((most, { difference }) => Math.max(most, difference), 0)

/** `best` if the preference admits the build; the caller keeps it for the first one. */
export function admit(
  preference: BuildPreference,
  build: Standing,
  bounds: Bounds,
): Extract<ChoiceReason, 'best' | 'late' | 'slower' | 'larger'> {
  const { gains, maySlow } = rules[preference]
  if (!gains(build, bounds)) return 'larger'
  // The whole interval must lie above 1: a build that may be slower only costs accuracy.
  if (build.speed !== undefined && build.speed.low > 1) return 'best'
  if (!maySlow || build.speed === undefined) return 'slower'
  if (bounds.p95MaxMs !== undefined) return isLate(build, bounds) ? 'late' : 'best'
  return build.speed.high < 1 ? 'slower' : 'best'
}

/** Whether the build misses the p95 goal there. A build whose p95 nobody measured keeps no goal. */
export const isLate = ({ p95Ms }: Standing, { p95MaxMs }: Bounds): boolean =>
  p95MaxMs !== undefined && (p95Ms === undefined || p95Ms >= p95MaxMs)

/** Negative if the first of two admitted builds is better. The fastest build needs no p95 goal: none is nearer to it. */
export const compareBy =
  (preference: BuildPreference, bounds: Bounds) =>
  (a: Standing, b: Standing): number =>
    (preference === 'best' ? 0 : Number(isLate(a, bounds)) - Number(isLate(b, bounds))) ||
    rules[preference].compare(a, b)

/** A preference in words: of which builds it takes which one. */
export const preferenceWords: Readonly<Record<BuildPreference, string>> = {
  best: 'the fastest build',
  smallest: 'the smallest build',
  'least-memory': 'the build that takes the least memory',
  'most-accurate': 'the build whose answers are nearest to those of the version, of the faster ones',
}

/** The preference that a spec names as its build; undefined for a recipe, an id, or none. */
export const preferenceOf = (build: string | undefined): BuildPreference | undefined =>
  build !== undefined && isPreference(build) ? build : undefined

const isPreference = (build: string): build is BuildPreference => Object.hasOwn(rules, build)
