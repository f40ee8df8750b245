/** Browse rows: what is known of the tree that equipment has, as the rows that show: levels come one by one, and long ones in parts. */
import type { Problem } from '@skerry/client/problem'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { TreeRow } from '../../../components/tree/tree-keys.ts'

/** What lies under one place, as far as it was fetched. */
export type Level = {
  path: string
  entries: readonly BrowseEntry[]
  /** How many come after these, and where to go on. */
  omittedCount: number
  next: string | undefined
  state: 'waiting' | 'ready' | { failed: Problem }
}

export type Levels = ReadonlyMap<string, Level>

/** An entry; or what stands in the place of entries: they are on their way, could not be had, are none, or are more. */
export type BrowseNode = { key: string; label: string; parent: string } & (
  | { kind: 'entry'; entry: BrowseEntry }
  | { kind: 'waiting' | 'empty' | 'more' | 'full' | 'failed' }
)
export type BrowseRow = TreeRow & { node: BrowseNode; position: number; siblings: number }

/** The place that everything hangs under. */
export const ROOT = ''

/** Equipment may show one place under many: each way there is a row of its own. */
export const keyOf = (parent: string, { path }: BrowseEntry): string => JSON.stringify([parent, path])

/** More is not held: whoever looks for one of so many looks into a folder, or asks for all by the command line. */
export const ENTRIES_HELD_MAX = 10_000

export const heldOf = (levels: Levels): number =>
  [...levels.values()].reduce((sum, { entries }) => sum + entries.length, 0)

/** After a part of a level has come. */
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
  /** What is looked for, with what it lies under, and where more may be fetched; all where absent. */
  fits?: ((entry: BrowseEntry) => boolean) | undefined
  labels: { [kind in 'waiting' | 'empty' | 'full']: string } & {
    more: (count: number) => string
    failed: (problem: Problem) => string
  }
}

/** The rows in their order. While something is looked for, whatever leads to it is open. */
export function browseRows(showing: Showing): BrowseRow[] {
  return rowsUnder(ROOT, 1, showing)
}

function rowsUnder(parent: string, depth: number, showing: Showing): BrowseRow[] {
  const level = showing.levels.get(parent)
  if (!level) return []
  const shown = level.entries.flatMap((entry) => {
    const key = keyOf(parent, entry)
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

/** What ends a level that is not all there. */
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
