/** Picked: places of equipment that somebody wants as tags: under which names, and which a source has already. */
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { type TagRow, whereOf } from '@skerry/core/tags/tag-rows'

export type Pick = { label: string; path: string; tag: Readonly<Record<string, unknown>> }

/** More at once are not read through by anybody: they come as a table. */
export const PICKED_MAX = 1_000

export const pickOf = ({ label, path, tag }: BrowseEntry): Pick | undefined => tag && { label, path, tag }

/** Where the tags of a source are. */
export const placesOf = (rows: readonly TagRow[]): ReadonlySet<string> => new Set(rows.map(({ where }) => where))

export const isThere = ({ tag }: BrowseEntry, places: ReadonlySet<string>): boolean =>
  tag !== undefined && places.has(whereOf(tag))

/** Letters that tags may have, of what the equipment calls it; the next number where the name is taken. */
export function tagNameOf({ label, path, tag }: Pick, taken: ReadonlySet<string>): string {
  // Some labels begin with the path or the address, and go on with what stands there.
  const called = [path, whereOf(tag)].find((place) => place !== '' && label.startsWith(place)) ?? label
  const plain = called
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
  const name = (/^[A-Za-z_]/.test(plain) ? plain : `_${plain}`).slice(0, NAME_MAX)
  if (!taken.has(name)) return name
  for (let number = 2; ; number += 1) if (!taken.has(`${name}_${number}`)) return `${name}_${number}`
}

/** [packages/contract/src/sources/tag.ts] 128, with room for a number. */
const NAME_MAX = 120
