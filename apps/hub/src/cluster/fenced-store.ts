/**
 * Fenced store: the store through which the leader writes. Each transaction first checks in the database that this hub
 * still leads. So a hub that stood still, or was cut off, and still believes that it leads, changes nothing.
 */

import type { Store, Tx } from '../store/store.ts'
import { ONLY } from '../store/tables/hub-tables.ts'

/** Thrown when another hub leads now. */
export class LeadLost extends Error {
  override name = 'LeadLost'
}

export type Term = {
  epoch: number
  /** Fires when this hub knows that it lost the lead. */
  signal: AbortSignal
  /** Called when the database names another leader. */
  onLost: () => void
}

/** The store of the leader, for one term. */
export function fencedStore(store: Store, { epoch, signal, onLost }: Term): Store {
  return {
    ...store,
    async transaction(work) {
      if (signal.aborted) throw new LeadLost('this hub is no longer the leader')
      return store.transaction(async (tx) => {
        if ((await epochOf(tx)) === epoch) return work(tx)
        onLost()
        throw new LeadLost(`another hub has taken the lead since epoch ${epoch}`)
      })
    },
  }
}

/** The present epoch; 0 before the first leader. */
export async function epochOf(tx: Tx): Promise<number> {
  const row = await tx.selectFrom('hub_leader').select('epoch').where('id', '=', ONLY).executeTakeFirst()
  return row?.epoch ?? 0
}

/** Begins a term. From now on the former leader can write nothing. Returns the epoch. */
export function beginTerm(store: Store, { hubId, nowMs }: { hubId: string; nowMs: number }): Promise<number> {
  return store.transaction(async (tx) => {
    const epoch = (await epochOf(tx)) + 1
    const columns = { epoch, hub_id: hubId, since_ms: nowMs }
    await tx
      .insertInto('hub_leader')
      .values({ id: ONLY, ...columns })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
      .execute()
    return epoch
  })
}
