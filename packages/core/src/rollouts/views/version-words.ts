/** Version words: the wanted and the running versions, in the words of the CLI and the console. */
import type { RunningCounts, VersionCounts } from '@skerry/contract/rollouts/version-counts'

type NumberText = (value: number) => string

/** More versions than this do not fit a line. */
const VERSIONS_SHOWN = 5

type Named = Partial<Pick<RunningCounts, 'failed'>> & VersionCounts

/** `v1 on 2, v2 on 3 (float16), none on 1; failed on 1 of these`. `named`: the versions that are named although no device has them. */
export function versionCountWords(counts: Named, named: readonly number[] = [], number: NumberText = String): string {
  const devices = new Map(named.map((version) => [version, 0]))
  for (const on of counts.versions) devices.set(on.version, on.devices)
  // Named versions come before all others, then those with the most devices.
  const rank = (version: number, on: number) => (named.includes(version) ? Number.POSITIVE_INFINITY : on)
  const ranked = [...devices].sort(([a, on], [b, more]) => rank(b, more) - rank(a, on) || a - b)
  const shown = ranked.splice(0, Math.max(VERSIONS_SHOWN, named.length)).sort(([a], [b]) => a - b)
  const parts = shown.map(
    ([version, on]) => `v${version} on ${number(on)}${buildText(counts, { version, on }, number)}`,
  )
  const others = ranked.reduce((sum, [, on]) => sum + on, 0)
  if (others > 0) parts.push(`${ranked.length} other versions on ${number(others)}`)
  if (counts.none > 0) parts.push(`none on ${number(counts.none)}`)
  // A failed device also serves an earlier version or none, so it is among those before.
  const failed = counts.failed ? `; failed on ${number(counts.failed)} of these` : ''
  return parts.length === 0 ? 'no devices' : `${parts.join(', ')}${failed}`
}

/** The builds of the version: one that all its devices have, or each with its number of devices. */
function buildText({ builds = [] }: Named, of: { version: number; on: number }, number: NumberText): string {
  const found = builds.filter(({ version }) => version === of.version)
  const [first] = found
  if (!first) return ''
  const isAll = found.length === 1 && first.devices === of.on
  return ` (${isAll ? first.recipe : found.map(({ recipe, devices }) => `${recipe} on ${number(devices)}`).join(', ')})`
}

type TwoFacts = { version: number; wanted?: VersionCounts | undefined; running?: RunningCounts | undefined }

/** The running versions; the wanted ones and the version of the revision are named, too. Undefined for an old hub. */
export function runningWords({ version, wanted, running }: TwoFacts, number: NumberText = String): string | undefined {
  const named = [version, ...(wanted?.versions ?? []).map((on) => on.version)]
  return running && versionCountWords(running, named, number)
}

/** The wanted versions. Undefined if the hub is too old to know them. */
export const wantedWords = ({ wanted }: TwoFacts, number: NumberText = String): string | undefined =>
  wanted && versionCountWords(wanted, [], number)
