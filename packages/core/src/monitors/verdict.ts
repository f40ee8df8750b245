/** Judges the counts of devices against the reference profile of a version. */
import type {
  FeatureFinding,
  FeatureVerdict,
  MonitorSpec,
  MonitorState,
  VersionVerdict,
} from '@skerry/contract/monitors/monitor'
import type { FeatureCounts, FeatureProfile, ReferenceProfile } from '@skerry/contract/monitors/profile'
import { countsOf, mergeCounts } from './bins.ts'
import { chiSquareTest, falseDiscovery } from './chance.ts'
import { jensenShannon, kolmogorovSmirnov, sharesOf, stabilityIndex } from './distance.ts'
import { wassersteinShare } from './wasserstein.ts'

export type Limits = Pick<MonitorSpec, 'rowsMin' | 'drift' | 'missing' | 'significance'>

/** The counts of devices in one window. */
export type CountedWindow = {
  /** The number of windows of single devices in it. */
  windows: number
  startMs: number
  endMs: number
  rows: number
  counted: number
  lost?: number
  features: readonly FeatureCounts[]
}

/** All windows must have been counted in the bins of the profile. */
export function verdictOf(
  profile: ReferenceProfile,
  windows: readonly CountedWindow[],
  limits: Limits,
): Omit<VersionVerdict, 'version'> {
  const features = featureVerdicts(profile, windows, limits)
  const sum = (of: (window: CountedWindow) => number) => windows.reduce((total, window) => total + of(window), 0)
  const rows = sum(({ counted }) => counted)
  const lost = sum((window) => window.lost ?? 0)
  return {
    state: windows.length === 0 ? 'quiet' : worstOf(features),
    ...(windows.length > 0 && {
      fromMs: windows.reduce((first, { startMs }) => Math.min(first, startMs), Number.POSITIVE_INFINITY),
      toMs: windows.reduce((last, { endMs }) => Math.max(last, endMs), 0),
    }),
    windows: sum((window) => window.windows),
    rows,
    uncounted: sum((window) => window.rows) - rows,
    ...(lost > 0 && { lost }),
    features,
  }
}

/** The counts of one feature of the profile, in all windows. */
export function mergedAt(reference: FeatureProfile, windows: readonly CountedWindow[], at: number): FeatureCounts {
  return windows.reduce<FeatureCounts>(
    (merged, { features }) => {
      const counts = features[at]
      return counts ? mergeCounts(merged, counts) : merged
    },
    countsOf(reference.edges, []),
  )
}

/** Each feature, worst first. Their probabilities are corrected together. */
export function featureVerdicts(
  profile: ReferenceProfile,
  windows: readonly CountedWindow[],
  limits: Limits,
): FeatureVerdict[] {
  const pairs = profile.features.map((reference, at) => ({ reference, current: mergedAt(reference, windows, at) }))
  const tests = pairs.map(({ reference, current }) => chiSquareTest(reference.counts, current.counts))
  const corrected = falseDiscovery(tests.flatMap((each) => each?.pValue ?? []))
  const pValues = tests.map((each) => (each ? corrected.shift() : undefined))
  return pairs
    .map(({ reference, current }, at) => featureVerdict(measuredOf(reference, current, pValues[at]), limits))
    .toSorted(worstFirst)
}

type Measured = { figures: Omit<FeatureVerdict, 'state' | 'findings'>; missingMore: number; isStuck: boolean }

/** Everything about one feature that a verdict rests on. */
function measuredOf(reference: FeatureProfile, current: FeatureCounts, pValue: number | undefined): Measured {
  const stability = stabilityIndex(reference.counts, current.counts)
  const js = jensenShannon(reference.counts, current.counts)
  const ks = kolmogorovSmirnov(reference.counts, current.counts)
  // The mean of categories means nothing.
  const isNumber = reference.form !== 'category'
  const moved = isNumber ? wassersteinShare(reference, current) : undefined
  const missingShare = shareMissing(current)
  const figures = {
    feature: reference.feature,
    side: reference.side,
    form: reference.form ?? 'number',
    values: current.counts.reduce((sum, count) => sum + count, 0) + current.missing,
    missingShare,
    ...(stability !== undefined && { stability }),
    ...(js !== undefined && { jensenShannon: js }),
    ...(ks !== undefined && { kolmogorovSmirnov: ks }),
    ...(moved !== undefined && { wasserstein: moved }),
    ...(pValue !== undefined && { pValue }),
    ...(isNumber && current.moments && { mean: current.moments.mean }),
    ...(isNumber && reference.moments && { referenceMean: reference.moments.mean }),
    ...binsOf(reference, current),
  }
  return { figures, missingMore: missingShare - shareMissing(reference), isStuck: isStuck(reference, current) }
}

/** The size of the effect decides; a probability only takes away what chance explains. */
function featureVerdict({ figures, missingMore, isStuck }: Measured, limits: Limits): FeatureVerdict {
  const { rowsMin, drift, missing, significance } = limits
  if (figures.values < rowsMin) return { ...figures, state: 'waiting', findings: [] }
  const isChance = figures.pValue !== undefined && figures.pValue > significance
  const levels: [FeatureFinding, Level][] = [
    ['drift', isChance ? 'ok' : levelOf(figures.stability ?? 0, drift)],
    ['missing', levelOf(missingMore, missing)],
    ['stuck', isStuck ? 'alert' : 'ok'],
  ]
  const findings = levels.filter(([, level]) => level !== 'ok').map(([finding]) => finding)
  return { ...figures, state: worst(levels.map(([, level]) => level)), findings }
}

function binsOf({ edges, counts }: FeatureProfile, current: FeatureCounts): Pick<FeatureVerdict, 'bins'> {
  const [before, now] = [sharesOf(counts), sharesOf(current.counts)]
  return before && now ? { bins: { edges, reference: before, current: now } } : {}
}

type Level = 'ok' | 'warn' | 'alert'

function levelOf(value: number, { warn, alert }: Limits['drift']): Level {
  if (value > alert) return 'alert'
  return value > warn ? 'warn' : 'ok'
}

/** A sensor that repeats one value looks calm in every bin. A category may stay the same for long. */
function isStuck(reference: FeatureProfile, { moments }: FeatureCounts): boolean {
  if (reference.form === 'category') return false
  const varied = reference.moments && reference.moments.min !== reference.moments.max
  return varied === true && moments !== undefined && moments.min === moments.max
}

function shareMissing({ counts, missing }: FeatureCounts): number {
  const all = counts.reduce((sum, count) => sum + count, missing)
  return all === 0 ? 0 : missing / all
}

const ORDER: readonly MonitorState[] = ['alert', 'warn', 'unprofiled', 'ok', 'waiting', 'quiet']

const worst = <State extends MonitorState>(states: readonly State[]): State =>
  states.toSorted((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b))[0] as State

/** The state of the worst part. A waiting part counts only if all parts wait. */
export const worstState = (states: readonly MonitorState[]): MonitorState =>
  states.length === 0 ? 'quiet' : worst(states)

const worstOf = (features: readonly FeatureVerdict[]) => worstState(features.map(({ state }) => state))

/** A negative number if the first state is worse. */
export const byState = (a: MonitorState, b: MonitorState): number => ORDER.indexOf(a) - ORDER.indexOf(b)

function worstFirst(a: FeatureVerdict, b: FeatureVerdict): number {
  const byStates = byState(a.state, b.state)
  return byStates || (b.stability ?? 0) - (a.stability ?? 0) || (a.feature < b.feature ? -1 : 1)
}
