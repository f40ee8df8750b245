/** Browse level: what is told at once of one level of the tree of equipment, and what comes after it. */
import { BROWSE_ENTRIES_MAX, BROWSE_LABEL_MAX, type BrowseEntry } from '@skerry/contract/connections/browse-entry'

export type BrowseLevel = { entries: BrowseEntry[]; omittedCount: number }

/** Undefined where no entry has the path `after`. A place that two references lead to is told once, so that going on leaves nothing out. */
export function levelOf(entries: readonly BrowseEntry[], after: string | undefined): BrowseLevel | undefined {
  const distinct = [...new Map(entries.map((entry) => [entry.path, entry])).values()]
  const place = after === undefined ? -1 : distinct.findIndex(({ path }) => path === after)
  if (after !== undefined && place === -1) return undefined
  const rest = distinct.slice(place + 1)
  const told = rest.slice(0, BROWSE_ENTRIES_MAX)
  return { entries: told.map(shortened), omittedCount: rest.length - told.length }
}

const shortened = (entry: BrowseEntry): BrowseEntry => ({ ...entry, label: entry.label.slice(0, BROWSE_LABEL_MAX) })
