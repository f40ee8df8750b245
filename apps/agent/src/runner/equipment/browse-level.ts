/**
 * Browse level: the entries of one level of the equipment's tree that fit into one answer, and the number of the
 * others.
 */
import { BROWSE_ENTRIES_MAX, BROWSE_LABEL_MAX, type BrowseEntry } from '@skerry/contract/connections/browse-entry'

export type BrowseLevel = { entries: BrowseEntry[]; omittedCount: number }

/**
 * Undefined if no entry has the path `after`. A place with two references occurs once, so that the next page leaves
 * nothing out.
 */
export function levelOf(entries: readonly BrowseEntry[], after: string | undefined): BrowseLevel | undefined {
  const distinct = [...new Map(entries.map((entry) => [entry.path, entry])).values()]
  const place = after === undefined ? -1 : distinct.findIndex(({ path }) => path === after)
  if (after !== undefined && place === -1) return undefined
  const rest = distinct.slice(place + 1)
  const told = rest.slice(0, BROWSE_ENTRIES_MAX)
  return { entries: told.map(shortened), omittedCount: rest.length - told.length }
}

const shortened = (entry: BrowseEntry): BrowseEntry => ({ ...entry, label: entry.label.slice(0, BROWSE_LABEL_MAX) })
