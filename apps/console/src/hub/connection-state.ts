/** Connection state: whether the hub is heard, for the header and the banner. */
import { useSyncExternalStore } from 'react'

export type ConnectionState = 'connecting' | 'live' | 'lost' | 'ended'

let state: ConnectionState = 'connecting'
const listeners = new Set<() => void>()

/** Sets it, and tells whoever shows it. */
export function setConnectionState(next: ConnectionState): void {
  if (next === state) return
  state = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The state as it is now. */
export const useConnectionState = (): ConnectionState => useSyncExternalStore(subscribe, () => state)
