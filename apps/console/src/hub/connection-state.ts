/** Connection state: whether the hub answers, and whether it still admits the person who is signed in. */
import type { Problem } from '@skerry/client/problem'
import { useSyncExternalStore } from 'react'

/** `ended`: the session is over. `barred`: it needs a second factor first. `moved`: it is in another organisation. */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'ended' | 'barred' | 'moved'

/** The state that an error means, if any. In such a state, every other request would fail too. */
export function stateAfter({ status, code }: Problem): 'ended' | 'barred' | 'moved' | undefined {
  if (code === 'organisation_switched') return 'moved'
  if (code === 'second_factor_required') return 'barred'
  return status === 401 ? 'ended' : undefined
}

let state: ConnectionState = 'connecting'
const listeners = new Set<() => void>()

/** Sets the state, and notifies its listeners. */
export function setConnectionState(next: ConnectionState): void {
  // The stream of a page in another organisation breaks, too. That does not mean that the hub is lost.
  if (next === state || (state === 'moved' && next === 'lost')) return
  state = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** The state as it is now. */
export const useConnectionState = (): ConnectionState => useSyncExternalStore(subscribe, () => state)
