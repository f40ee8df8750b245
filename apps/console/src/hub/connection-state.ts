/** Connection state: whether the hub is heard, and whether it still lets whoever is here in. */
import type { Problem } from '@skerry/client/problem'
import { useSyncExternalStore } from 'react'

/** `ended`: the session is over. `barred`: it counts for nothing before a second factor is set up. `moved`: it is in another organisation. */
export type ConnectionState = 'connecting' | 'live' | 'lost' | 'ended' | 'barred' | 'moved'

/** Which of the states a refusal means, if any: then nothing else would be answered either. */
export function stateAfter({ status, code }: Problem): 'ended' | 'barred' | 'moved' | undefined {
  if (code === 'organisation_switched') return 'moved'
  if (code === 'second_factor_required') return 'barred'
  return status === 401 ? 'ended' : undefined
}

let state: ConnectionState = 'connecting'
const listeners = new Set<() => void>()

/** Sets it, and tells whoever shows it. */
export function setConnectionState(next: ConnectionState): void {
  // The stream of a page that is elsewhere breaks, too; that says nothing of the hub.
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
