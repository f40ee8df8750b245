/** Version words: the wanted and the running versions, in the words of the CLI and the console. */
import type { RunningCounts, VersionCount, VersionCounts } from '@skerry/contract/rollouts/version-counts'

type NumberText = (value: number) => string

/** More versions than this do not fit a line. */
const VERSIONS_SHOWN = 5

type Named = Partial<Pick<RunningCounts, 'failed'>> & VersionCounts

/**
 * `v1 on 2, v2 on 3 (float16), none on 1; failed on 1 of these`. Silent devices stand apart: nobody knows whether they
 * still run their version, as in `v2 on 1, 1 silent (last reported v2)`. `named`: the versions that are named although
 * no device has them.
 */
export function versionCountWords(counts: Named, named: readonly number[] = [], number: NumberText = String): string {
  const all = new Map<number, VersionCount>(named.map((version) => [version, { version, devices: 0 }]))
  for (const on of counts.versions) all.set(on.version, on)
  const isShown = (on: VersionCount) => named.includes(on.version) || heardOf(on) > 0
  // Named versions come before all others, then those with the most devices.
  const rank = (on: VersionCount) => (named.includes(on.version) ? Number.POSITIVE_INFINITY : heardOf(on))
  const ranked = [...all.values()].filter(isShown).sort((a, b) => rank(b) - rank(a) || a.version - b.version)
  const shown = ranked.splice(0, Math.max(VERSIONS_SHOWN, named.length)).sort((a, b) => a.version - b.version)
  const parts = shown.map((on) => `v${on.version} on ${number(heardOf(on))}${buildText(counts, on, number)}`)
  const others = ranked.reduce((sum, on) => sum + heardOf(on), 0)
  if (others > 0) parts.push(`${ranked.length} other versions on ${number(others)}`)
  if (counts.none > 0) parts.push(`none on ${number(counts.none)}`)
  parts.push(...silentText(counts, number))
  // A failed device also serves an earlier version or none, so it is among those before.
  const failed = counts.failed ? `; failed on ${number(counts.failed)} of these` : ''
  return parts.length === 0 ? 'no devices' : `${parts.join(', ')}${failed}`
}

/** The devices that still report. */
const heardOf = ({ devices, silent = 0 }: RunningOn) => devices - silent

/** `1 silent (last reported v2)`, or `3 silent (last reported v1 on 1, v2 on 2)`; empty if all devices report. */
function silentText({ versions }: Named, number: NumberText): string[] {
  const silent = versions.flatMap(({ version, silent: devices = 0 }) => (devices > 0 ? [{ version, devices }] : []))
  const [first] = silent
  if (!first) return []
  const count = silent.reduce((sum, { devices }) => sum + devices, 0)
  const last = silent.length === 1 ? `v${first.version}` : versionCountWords({ versions: silent, none: 0 }, [], number)
  return [`${number(count)} silent (last reported ${last})`]
}

type RunningOn = { devices: number; silent?: number | undefined }

/** The devices that run a version: `2 devices`, or `1 device, 1 silent (its last report had it)`. */
export function runningOnWords({ devices, silent = 0 }: RunningOn, number: NumberText = String): string {
  const heard = heardOf({ devices, silent })
  const count = `${number(heard)} ${heard === 1 ? 'device' : 'devices'}`
  if (silent === 0) return count
  return `${count}, ${number(silent)} silent (${silent === 1 ? 'its last report' : 'their last reports'} had it)`
}

/** The builds of the version: one that all its devices have, or each with its number of devices. */
function buildText({ builds = [] }: Named, of: VersionCount, number: NumberText): string {
  const found = builds.filter(({ version }) => version === of.version)
  const [first] = found
  if (!first || heardOf(of) === 0) return ''
  const isAll = found.length === 1 && first.devices === of.devices
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
