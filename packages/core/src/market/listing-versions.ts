/** Listing versions: their order, and the upgrade graph of a listing. */
import type { CatalogueEntry } from '@skerry/contract/market/catalogue'
import type { Channel, ListingVersion } from '@skerry/contract/market/listing'

/** Negative if `a` is older. */
export function compareVersions(a: ListingVersion, b: ListingVersion): number {
  const [left, right] = [a, b].map((text) => text.split('.').map(Number))
  for (const index of [0, 1, 2]) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

type Entry = Pick<CatalogueEntry, 'version' | 'channel' | 'replaces' | 'skips' | 'yanked'>

/** The newest first. */
export const newestFirst = <Of extends Entry>(entries: readonly Of[]): Of[] =>
  entries.toSorted((a, b) => compareVersions(b.version, a.version))

/** The newest version that a new installation gets. The beta channel has the stable versions too. */
export const newestFor = <Of extends Entry>(entries: readonly Of[], channel: Channel): Of | undefined =>
  newestFirst(entries.filter((entry) => !entry.yanked && isOffered(entry, channel)))[0]

/**
 * The newest version to which one step of the upgrade graph leads: a newer version that replaces or skips the installed
 * one.
 */
export const upgradeFrom = <Of extends Entry>(
  entries: readonly Of[],
  from: ListingVersion,
  channel: Channel,
): Of | undefined =>
  newestFirst(entries.filter((entry) => !entry.yanked && isOffered(entry, channel) && leads(entry, from)))[0]

/** Whether an upgrade may go from a version directly to this one. */
export const leads = ({ version, replaces, skips }: Pick<Entry, 'version' | 'replaces' | 'skips'>, from: string) =>
  compareVersions(version, from) > 0 && (replaces === from || skips.includes(from))

const isOffered = ({ channel }: Entry, wished: Channel) => channel === 'stable' || wished === 'beta'
