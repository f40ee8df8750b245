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
import { jensenShannon, kolmogorovSmirnov, sharesOf, stabilityIndex } from './distance.ts'

type Limits = Pick<MonitorSpec, 'rowsMin' | 'drift' | 'missing'>

/** The counts of devices in one window. */
export type CountedWindow = {
  /** The number of windows of single devices in it. */
  windows: number
  startMs: number
  endMs: number
  rows: number
  counted: number
  features: readonly FeatureCounts[]
}

/** All windows must have been counted in the bins of the profile. */
export function verdictOf(
  profile: ReferenceProfile,
  windows: readonly CountedWindow[],
  limits: Limits,
): Omit<VersionVerdict, 'version'> {
  const features = profile.features
    .map((reference, at) => featureVerdict(reference, mergedAt(reference, windows, at), limits))
    .toSorted(worstFirst)
  const sum = (of: (window: CountedWindow) => number) => windows.reduce((total, window) => total + of(window), 0)
  const rows = sum(({ counted }) => counted)
  return {
    state: windows.length === 0 ? 'quiet' : worstOf(features),
    ...(windows.length > 0 && {
      fromMs: windows.reduce((first, { startMs }) => Math.min(first, startMs), Number.POSITIVE_INFINITY),
      toMs: windows.reduce((last, { endMs }) => Math.max(last, endMs), 0),
    }),
    windows: sum((window) => window.windows),
    rows,
    uncounted: sum((window) => window.rows) - rows,
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

/** Judges one feature. */
export function featureVerdict(
  reference: FeatureProfile,
  current: FeatureCounts,
  { rowsMin, drift, missing }: Limits,
): FeatureVerdict {
  const values = current.counts.reduce((sum, count) => sum + count, 0) + current.missing
  const stability = stabilityIndex(reference.counts, current.counts)
  const js = jensenShannon(reference.counts, current.counts)
  const ks = kolmogorovSmirnov(reference.counts, current.counts)
  const missingShare = shareMissing(current)
  const found = {
    feature: reference.feature,
    values,
    missingShare,
    ...(stability !== undefined && { stability }),
    ...(js !== undefined && { jensenShannon: js }),
    ...(ks !== undefined && { kolmogorovSmirnov: ks }),
    ...(current.moments && { mean: current.moments.mean }),
    ...(reference.moments && { referenceMean: reference.moments.mean }),
    ...binsOf(reference, current),
  }
  if (values < rowsMin) return { ...found, state: 'waiting', findings: [] }
  const levels: [FeatureFinding, Level][] = [
    ['drift', levelOf(stability ?? 0, drift)],
    ['missing', levelOf(missingShare - shareMissing(reference), missing)],
    ['stuck', isStuck(reference, current) ? 'alert' : 'ok'],
  ]
  const findings = levels.filter(([, level]) => level !== 'ok').map(([finding]) => finding)
  return { ...found, state: worst(levels.map(([, level]) => level)), findings }
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

/** A sensor that repeats one value looks calm in every bin. */
function isStuck(reference: FeatureProfile, { moments }: FeatureCounts): boolean {
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

function worstFirst(a: FeatureVerdict, b: FeatureVerdict): number {
  const byState = ORDER.indexOf(a.state) - ORDER.indexOf(b.state)
  return byState || (b.stability ?? 0) - (a.stability ?? 0) || (a.feature < b.feature ? -1 : 1)
}
