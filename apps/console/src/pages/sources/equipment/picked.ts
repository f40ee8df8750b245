/**
 * Picked: places of equipment that a person wants as tags, with the tag names for them. It also finds the places that a
 * source already has.
 */
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { type TagRow, whereOf } from '@skerry/core/tags/tag-rows'

export type Pick = { label: string; path: string; tag: Readonly<Record<string, unknown>> }

/** Nobody reads through more at once. A larger number comes as a table. */
export const PICKED_MAX = 1_000

export const pickOf = ({ label, path, tag }: BrowseEntry): Pick | undefined => tag && { label, path, tag }

/** The addresses of a source's tags. */
export const placesOf = (rows: readonly TagRow[]): ReadonlySet<string> => new Set(rows.map(({ where }) => where))

export const isThere = ({ tag }: BrowseEntry, places: ReadonlySet<string>): boolean =>
  tag !== undefined && places.has(whereOf(tag))

/**
 * A tag name from the equipment's label, with only the letters that tag names allow. If the name is taken, a number
 * follows.
 */
export function tagNameOf({ label, path, tag }: Pick, taken: ReadonlySet<string>): string {
  // Some labels begin with the path or the address, followed by the content of that place.
  const called = [path, whereOf(tag)].find((place) => place !== '' && label.startsWith(place)) ?? label
  const plain = called
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
  const name = (/^[A-Za-z_]/.test(plain) ? plain : `_${plain}`).slice(0, NAME_MAX)
  if (!taken.has(name)) return name
  for (let number = 2; ; number += 1) if (!taken.has(`${name}_${number}`)) return `${name}_${number}`
}

/** [packages/contract/src/sources/tag.ts] 128, minus room for a number. */
const NAME_MAX = 120
