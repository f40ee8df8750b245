/** Folded groups: the groups of the navigation that this person has folded, kept in the browser's storage. */
import { useSyncExternalStore } from 'react'

const KEY = 'skerry-folded-groups'
const listeners = new Set<() => void>()

const read = (): string => window.localStorage.getItem(KEY) ?? ''

/** Folds the group, or unfolds it. */
export function toggleGroup(id: string): void {
  const folded = new Set(read().split(' ').filter(Boolean))
  if (!folded.delete(id)) folded.add(id)
  window.localStorage.setItem(KEY, [...folded].join(' '))
  for (const listener of listeners) listener()
}

/** The groups that are folded now. */
export function useFoldedGroups(): ReadonlySet<string> {
  const text = useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, read)
  return new Set(text.split(' '))
}
