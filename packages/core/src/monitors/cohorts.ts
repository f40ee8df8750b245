/** Cohorts: the devices of one site, or with one value of a label, judged by themselves. */
import { COHORTS_MAX, type CohortKey, type CohortVerdict, type VersionVerdict } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import type { Labels } from '@skerry/contract/values/names'
import { byState, type CountedWindow, featureVerdicts, type Limits, verdictOf, worstState } from './verdict.ts'

const LABEL = 'label:'

/** The cohorts that a device belongs to, such as `site=hamburg`. A device without the label is in none of it. */
export function cohortsOf(keys: readonly CohortKey[], { site, labels }: { site: string; labels: Labels }): string[] {
  return keys.flatMap((key) => {
    if (!key.startsWith(LABEL)) return [`site=${site}`]
    const label = key.slice(LABEL.length)
    const value = labels[label]
    return value === undefined ? [] : [`${label}=${value}`]
  })
}

/** The windows of each cohort, by its name. */
export type CohortWindows = ReadonlyMap<string, readonly CountedWindow[]>

type Counted = {
  fleet: readonly CountedWindow[]
  cohorts: CohortWindows
  /** Profiles of cohorts that are compared with themselves, in the bins of the version's profile. */
  references?: ReadonlyMap<string, ReferenceProfile>
}

type Judged = Omit<VersionVerdict, 'version'>

/** Judges all devices together, and each cohort: a site that moved is lost in the sum of many that did not. */
export function verdictWithCohorts(
  profile: ReferenceProfile,
  { fleet, cohorts, references = new Map() }: Counted,
  limits: Limits,
): Judged {
  const verdict = verdictOf(profile, fleet, limits)
  const parts = [...cohorts]
    .map(([cohort, windows]) => {
      const own = references.get(cohort)
      const verdict = cohortVerdict(own ?? profile, cohort, windows, limits)
      return own ? { ...verdict, isOwnReference: true as const } : verdict
    })
    .toSorted(worstFirst)
    .slice(0, COHORTS_MAX)
  const state = worstState([verdict.state, ...parts.map((part) => part.state)])
  const moved = movedCohorts(parts)
  return {
    ...verdict,
    state,
    ...(parts.length > 0 && { cohorts: parts }),
    ...(moved.length > 0 && { moved }),
  }
}

function cohortVerdict(
  profile: ReferenceProfile,
  cohort: string,
  windows: readonly CountedWindow[],
  limits: Limits,
): CohortVerdict {
  const features = featureVerdicts(profile, windows, limits).map(({ feature, state, findings, stability }) => ({
    feature,
    state,
    findings,
    ...(stability !== undefined && { stability }),
  }))
  const sum = (of: (window: CountedWindow) => number) => windows.reduce((total, window) => total + of(window), 0)
  return {
    cohort,
    state: worstState(features.map(({ state }) => state)),
    windows: sum((window) => window.windows),
    rows: sum(({ counted }) => counted),
    features,
  }
}

const mostOf = ({ features }: CohortVerdict) =>
  features.reduce((most, { stability }) => Math.max(most, stability ?? 0), 0)

const worstFirst = (a: CohortVerdict, b: CohortVerdict) =>
  byState(a.state, b.state) || mostOf(b) - mostOf(a) || (a.cohort < b.cohort ? -1 : 1)

/**
 * The cohorts in the worst state, if it is a warning or an alert and another cohort of the same key is better. If all of a
 * key have moved, its cohorts say nothing.
 */
function movedCohorts(parts: readonly CohortVerdict[]): string[] {
  const judged = parts.filter(({ state }) => state === 'ok' || state === 'warn' || state === 'alert')
  const worst = worstState(judged.map(({ state }) => state))
  if (worst !== 'warn' && worst !== 'alert') return []
  return [...Map.groupBy(judged, keyOf).values()].flatMap((group) => {
    const moved = group.filter(({ state }) => state === worst)
    return moved.length < group.length ? moved.map(({ cohort }) => cohort) : []
  })
}

const keyOf = ({ cohort }: CohortVerdict) => cohort.slice(0, cohort.indexOf('='))
