/**
 * Fenced store: what the leader writes through. Each transaction first looks whether the leader is still this one, in the database and not in
 * its own memory: a hub that stood still, or was cut off, and believes that it leads, changes nothing any more.
 */

import type { Store, Tx } from '../store/store.ts'
import { ONLY } from '../store/tables/hub-tables.ts'

/** Another hub leads now. */
export class LeadLost extends Error {
  override name = 'LeadLost'
}

export type Term = {
  epoch: number
  /** What this hub believes. */
  signal: AbortSignal
  /** Called when the database says otherwise. */
  onLost: () => void
}

/** The same store, for one term. */
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

/** The epoch that counts; 0 before the first leader. */
export async function epochOf(tx: Tx): Promise<number> {
  const row = await tx.selectFrom('hub_leader').select('epoch').where('id', '=', ONLY).executeTakeFirst()
  return row?.epoch ?? 0
}

/** Begins a term. Whoever led before writes nothing from here on. Gives the epoch. */
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
