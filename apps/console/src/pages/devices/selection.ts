/**
 * Selection: the selected rows of a list. It is a store of its own, so that a tick redraws one box and not ten thousand
 * rows.
 */
import { useSyncExternalStore } from 'react'

export type Selection = {
  has(id: string): boolean
  size(): number
  ids(): ReadonlySet<string>
  toggle(id: string): void
  set(ids: Iterable<string>): void
  subscribe(listener: () => void): () => void
}

export function createSelection(): Selection {
  let chosen: ReadonlySet<string> = new Set()
  const listeners = new Set<() => void>()
  const change = (next: ReadonlySet<string>) => {
    chosen = next
    for (const listener of [...listeners]) listener()
  }
  return {
    has: (id) => chosen.has(id),
    size: () => chosen.size,
    ids: () => chosen,
    toggle(id) {
      const next = new Set(chosen)
      if (!next.delete(id)) next.add(id)
      change(next)
    },
    set: (ids) => change(new Set(ids)),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Whether the row is chosen. */
export const useIsChosen = (selection: Selection, id: string): boolean =>
  useSyncExternalStore(selection.subscribe, () => selection.has(id))

export const useChosen = (selection: Selection): ReadonlySet<string> =>
  useSyncExternalStore(selection.subscribe, selection.ids)
