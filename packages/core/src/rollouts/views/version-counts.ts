/**
 * Version counts: which version the devices of a deployment should run, which one they run by their reports, and both
 * in words.
 *
 * The counters of a rollout already say how many devices are offered its revision. Only the others need their rows,
 * because each of them runs its own last good revision.
 */
import type { Outcome, OutcomeCounts } from '@skerry/contract/rollouts/rollout'
import type { RunningCounts, VersionCount, VersionCounts } from '@skerry/contract/rollouts/version-counts'
import { offeredRevision } from '../../devices/desired.ts'
import { hasLeft, isLeaving, isOffered, type MemberStanding } from '../rollout-state.ts'
import { NO_COUNTS } from '../wave-verdict.ts'

/** Rows of one wave with the same outcome and the same last good revision. */
export type MemberGroup = {
  wave: number
  outcome: Outcome
  previousRevision: number | undefined
  devices: number
}

export type WantedFacts = {
  state: MemberStanding & { waves: readonly { counts: OutcomeCounts }[] }
  revision: number
  stableRevision: number | undefined
  /** The rows with one of `unofferedOutcomes`, and all rows past the last wave. Other rows are ignored. */
  groups: readonly MemberGroup[]
  /** The version of a revision; undefined if the revision is gone. */
  versionOf: (revision: number) => number | undefined
  /** The recipe of the build that a revision gives its devices; `best` if each class of hardware gets its own. */
  recipeOf?: (revision: number) => string | undefined
}

/** Outcomes with devices that are not offered the revision. While a rollout is done there are none. */
export function unofferedOutcomes(state: WantedFacts['state']): Outcome[] {
  const unoffered = countedGroups(state).filter((member) => member.devices > 0 && !isOffered(state, member))
  return [...new Set(unoffered.map(({ outcome }) => outcome))]
}

const countedGroups = ({ waves }: Pick<WantedFacts['state'], 'waves'>): MemberGroup[] =>
  waves.flatMap(({ counts }, wave) =>
    outcomesOf(counts).map(([outcome, devices]) => ({ wave, outcome, previousRevision: undefined, devices })),
  )

const outcomesOf = (counts: OutcomeCounts) => Object.entries(counts) as [Outcome, number][]

/** All groups: the counters give the groups with an offer of the revision, the rows give the others. */
function groupsOf({ state, groups }: Pick<WantedFacts, 'state' | 'groups'>): MemberGroup[] {
  const isCounted = (member: MemberGroup) => member.wave < state.waves.length
  return [
    ...countedGroups(state).filter((member) => isOffered(state, member)),
    ...groups.filter((member) => !isCounted(member) || !isOffered(state, member)),
  ]
}

/** The number of devices for each version that they are offered now. Devices that have left are not counted. */
export function wantedCounts({ revision, stableRevision, versionOf, recipeOf, ...facts }: WantedFacts): VersionCounts {
  const byVersion = new Map<number, number>()
  const forms: BuildRow[] = []
  let none = 0
  for (const { devices, ...member } of groupsOf(facts)) {
    if (hasLeft(facts.state, member)) continue
    const offered = offeredRevision({ rollout: facts.state, revision, member, stableRevision })
    const version = offered === undefined ? undefined : versionOf(offered)
    if (version === undefined) none += devices
    else byVersion.set(version, (byVersion.get(version) ?? 0) + devices)
    if (version !== undefined && offered !== undefined) forms.push({ version, recipe: recipeOf?.(offered), devices })
  }
  return { versions: sortedVersions(byVersion), none, ...buildCounts(forms) }
}

/**
 * Rows of reports about a deployment: the number of devices that serve a version, how many of them have failed, and how
 * many are silent.
 */
export type RunningRow = { version: number | undefined; devices: number; failed: number; silent?: number }

/** Devices with one form of a version: a build, or the version itself. */
export type BuildRow = { version: number; recipe: string | undefined; devices: number }

/** The builds by version and recipe; nothing if there are none. */
export function buildCounts(rows: readonly BuildRow[]): Pick<VersionCounts, 'builds'> {
  const counts = new Map<string, { version: number; recipe: string; devices: number }>()
  for (const { version, recipe, devices } of rows) {
    if (recipe === undefined) continue
    const key = `${version} ${recipe}`
    counts.set(key, { version, recipe, devices: (counts.get(key)?.devices ?? 0) + devices })
  }
  const builds = [...counts.values()].filter(({ devices }) => devices > 0)
  return builds.length === 0 ? {} : { builds: builds.sort((a, b) => a.version - b.version || b.devices - a.devices) }
}

/** Wanted devices without a report about the deployment serve nothing. */
export function runningCounts(rows: readonly RunningRow[], wanted: VersionCounts): RunningCounts {
  const byVersion = new Map<number, number>()
  const silentBy = new Map<number, number>()
  for (const { version, devices, silent = 0 } of rows) {
    if (version === undefined) continue
    byVersion.set(version, (byVersion.get(version) ?? 0) + devices)
    silentBy.set(version, (silentBy.get(version) ?? 0) + silent)
  }
  const versions = sortedVersions(byVersion).map((on) => withSilent(on, silentBy.get(on.version)))
  const failed = rows.reduce((sum, row) => sum + row.failed, 0)
  const none = devicesOf(wanted.versions) + wanted.none - devicesOf(versions)
  return { versions, none: Math.max(0, none), failed }
}

/** A device that was silent when the hub counted the silent ones may be gone since: no more are silent than there are. */
export function withSilent(on: VersionCount, silent = 0): VersionCount {
  const known = Math.min(silent, on.devices)
  return known > 0 ? { ...on, silent: known } : on
}

const sortedVersions = (byVersion: ReadonlyMap<number, number>): VersionCounts['versions'] =>
  [...byVersion]
    .filter(([, devices]) => devices > 0)
    .map(([version, devices]) => ({ version, devices }))
    .sort((a, b) => a.version - b.version)

const devicesOf = (versions: VersionCounts['versions']) => versions.reduce((sum, { devices }) => sum + devices, 0)

/** The number of devices that a deployment keeps, and of those that run its revision well and should. */
export function deviceCounts({ state, groups }: Pick<WantedFacts, 'state' | 'groups'>) {
  const late = groups.filter(({ wave }) => wave >= state.waves.length)
  const kept = [...countedGroups(state), ...late].filter((member) => !isLeaving(state, member))
  const healthy = kept.filter((member) => member.outcome === 'healthy' && isOffered(state, member))
  return { total: sumOf(kept), healthy: sumOf(healthy) }
}

const sumOf = (groups: readonly MemberGroup[]) => groups.reduce((sum, { devices }) => sum + devices, 0)

/** The outcomes of the devices that no wave counts; undefined if there are none. */
export function joinedLater(state: { waves: readonly unknown[] }, groups: readonly MemberGroup[]) {
  const counts: OutcomeCounts = { ...NO_COUNTS }
  const late = groups.filter(({ wave }) => wave >= state.waves.length)
  for (const { outcome, devices } of late) counts[outcome] += devices
  return sumOf(late) === 0 ? undefined : counts
}
