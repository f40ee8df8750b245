/**
 * Browse rows: the known part of the equipment's tree, as visible rows. Levels arrive one by one, and long ones in
 * parts.
 */
import type { Problem } from '@skerry/client/problem'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { TreeRow } from '../../../components/tree/tree-keys.ts'

/** The entries below one place, as far as they were fetched. */
export type Level = {
  path: string
  entries: readonly BrowseEntry[]
  /** The number of entries after these, and the cursor to fetch them. */
  omittedCount: number
  next: string | undefined
  state: 'waiting' | 'ready' | { failed: Problem }
}

export type Levels = ReadonlyMap<string, Level>

/** An entry; or a row in the place of entries that are on their way, failed, absent, or too many. */
export type BrowseNode = { key: string; label: string; parent: string } & (
  | { kind: 'entry'; entry: BrowseEntry }
  | { kind: 'waiting' | 'empty' | 'more' | 'full' | 'failed' }
)
export type BrowseRow = TreeRow & { node: BrowseNode; position: number; siblings: number }

/** The root of the whole tree. */
export const ROOT = ''

/** Equipment may show one place under several parents. Each of these has a row of its own. */
export const browseKey = (parent: string, { path }: BrowseEntry): string => JSON.stringify([parent, path])

/**
 * The page holds no more. A person who looks for one of so many opens a folder, or fetches all with the command line.
 */
export const ENTRIES_HELD_MAX = 10_000

export const heldOf = (levels: Levels): number =>
  [...levels.values()].reduce((sum, { entries }) => sum + entries.length, 0)

/** The level after another part of it has arrived. */
export const grown = (
  before: Level | undefined,
  part: Pick<Level, 'path' | 'entries' | 'omittedCount' | 'next'>,
): Level => ({
  ...part,
  entries: [...(before?.entries ?? []), ...part.entries],
  state: 'ready',
})

type Showing = {
  levels: Levels
  isOpen: (key: string) => boolean
  /**
   * The filter. The rows are the matches, the entries above them, and the places where more can be fetched. All rows
   * show if it is absent.
   */
  fits?: ((entry: BrowseEntry) => boolean) | undefined
  labels: { [kind in 'waiting' | 'empty' | 'full']: string } & {
    more: (count: number) => string
    failed: (problem: Problem) => string
  }
}

/** The rows in order. With a filter, every branch that leads to a match is open. */
export function browseRows(showing: Showing): BrowseRow[] {
  return rowsUnder(ROOT, 1, showing)
}

function rowsUnder(parent: string, depth: number, showing: Showing): BrowseRow[] {
  const level = showing.levels.get(parent)
  if (!level) return []
  const shown = level.entries.flatMap((entry) => {
    const key = browseKey(parent, entry)
    const below = entry.isFolder && isLookedInto(key, showing) ? rowsUnder(key, depth + 1, showing) : []
    const isFound = !showing.fits || below.some(({ node: { kind } }) => kind === 'entry' || kind === 'more')
    return isFound || showing.fits?.(entry) ? [{ entry, key, below: isFound ? below : [] }] : []
  })
  const tail = tailOf(parent, level, showing)
  const siblings = shown.length + (tail ? 1 : 0)
  const rows = shown.flatMap(({ entry, key, below }, index): BrowseRow[] => [
    {
      node: { kind: 'entry', key, parent, label: entry.label, entry },
      level: depth,
      position: index + 1,
      siblings,
      isOpen: entry.isFolder ? (showing.fits ? below.length > 0 : showing.isOpen(key)) : undefined,
    },
    ...below,
  ])
  return tail ? [...rows, { node: tail, level: depth, position: siblings, siblings, isOpen: undefined }] : rows
}

const isLookedInto = (key: string, { fits, isOpen }: Showing) => fits !== undefined || isOpen(key)

/** The row at the end of an incomplete level. */
function tailOf(parent: string, level: Level, { levels, labels, fits }: Showing): BrowseNode | undefined {
  const { state, entries, next, omittedCount } = level
  const node = (kind: Exclude<BrowseNode['kind'], 'entry'>, label: string): BrowseNode => ({
    kind,
    label,
    parent,
    key: JSON.stringify([parent, kind]),
  })
  if (state === 'waiting') return node('waiting', labels.waiting)
  if (state !== 'ready') return node('failed', labels.failed(state.failed))
  if (next !== undefined && heldOf(levels) >= ENTRIES_HELD_MAX) return node('full', labels.full)
  if (next !== undefined) return node('more', labels.more(omittedCount))
  return entries.length === 0 && !fits ? node('empty', labels.empty) : undefined
}
