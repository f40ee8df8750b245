/**
 * Cluster: the hubs on one database, as one of them sees it. All of them serve people and devices; one leads, and does what must be done once:
 * rollouts, sweeps, collections. A hub on SQLite is a cluster of one, and leads it.
 */
import type { Store } from '../store/store.ts'
import type { HubCard, Member } from './attendance.ts'

/** What a hub that leads works with. */
export type Lead = {
  /** Refuses a transaction as soon as another hub leads. */
  store: Store
  /** Fires when the lead is lost. */
  signal: AbortSignal
}

export type Cluster = AsyncDisposable & {
  /** Of this process; another one after a restart. */
  readonly hubId: string
  /** Whether other hubs may be on the same database. */
  readonly isShared: boolean
  isLeading(): boolean
  /** Tells the others where this hub is reached by them. */
  announce(card: HubCard): void
  /** The hubs that are there, and this one among them once it is announced. */
  members(): Promise<Member[]>
  /** Called once: begins the work whenever this hub takes the lead, and puts it away when the lead is lost. */
  lead(begin: (lead: Lead) => AsyncDisposable): void
}

/** A cluster of one. */
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
