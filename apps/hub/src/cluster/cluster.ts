/**
 * Cluster: the hubs on one database, as one of them sees it. All of them serve people and devices. One leads, and does
 * the work that must be done once: rollouts, sweeps, collections. A hub on SQLite is a cluster of one, and leads it.
 */
import type { Store } from '../store/store.ts'
import type { HubCard, Member } from './attendance.ts'

/** The parts that only a leading hub has. */
export type Lead = {
  /** Rejects a transaction as soon as another hub leads. */
  store: Store
  /** Fires when the lead is lost. */
  signal: AbortSignal
}

export type Cluster = AsyncDisposable & {
  /** The id of this process; it changes with a restart. */
  readonly hubId: string
  /** Whether other hubs may be on the same database. */
  readonly isShared: boolean
  isLeading(): boolean
  /** Announces the address of this hub to the others. */
  announce(card: HubCard): void
  /** The hubs that are up. Includes this one once it is announced. */
  members(): Promise<Member[]>
  /** Called once: starts the work whenever this hub takes the lead, and disposes it when the lead is lost. */
  lead(begin: (lead: Lead) => AsyncDisposable): void
}

/** A cluster of one hub, which leads it. */
export function alone(store: Store, nowMs: number): Cluster {
  const stop = new AbortController()
  const members: Member[] = []
  let work: AsyncDisposable | undefined
  return {
    hubId: 'alone',
    isShared: false,
    isLeading: () => true,
    announce: (card) => void members.splice(0, 1, { ...card, hubId: 'alone', sinceMs: nowMs }),
    members: async () => members,
    lead(begin) {
      work = begin({ store, signal: stop.signal })
    },
    async [Symbol.asyncDispose]() {
      stop.abort(new DOMException('the hub is stopping', 'AbortError'))
      await work?.[Symbol.asyncDispose]()
    },
  }
}
