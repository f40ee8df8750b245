/**
 * Purge: deletes what a removed organisation had, in pieces, so that nobody waits behind it; after a crash it goes on where it was. What
 * stays is the audit trail with its checkpoints, which nobody can delete, and the record that they belong to.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'
import { removeMember } from '../people/people-store.ts'
import type { Db, Tx } from '../store/store.ts'

/** Some 10 ms of the one writer that all others wait for. */
const ROWS_AT_ONCE = 500

/** Deletes what is left of all that have been removed. Gives how many are gone for good. */
export async function purgeOrganisations(hub: Hub): Promise<number> {
  const removed = await hub.store.db
    .selectFrom('organisations')
    .select('id')
    .where('removed_at_ms', 'is not', null)
    .where('purged_at_ms', 'is', null)
    .execute()
  let purged = 0
  for (const { id } of removed) if (await purge(hub, id)) purged += 1
  return purged
}

async function purge(hub: Hub, id: OrganisationId): Promise<boolean> {
  await purgeMembers(hub, id)
  // Each takes with it what a foreign key hangs on it; what there is much of goes before what it hangs on.
  for (const [table, key] of hub.nouns.purge) await purgeTable(hub, { id, table, key })
  if (!(await isHoldingNothing(hub.store.db, id))) return false
  // The name is free again; what it was stands in the trails.
  const change = { name: `removed-${id.slice('org_'.length)}`, purged_at_ms: hub.clock.nowMs() }
  await hub.store.transaction((tx) => tx.updateTable('organisations').set(change).where('id', '=', id).execute())
  return true
}

/** Whoever belongs nowhere else is forgotten. */
async function purgeMembers({ store, clock, signal }: Hub, id: OrganisationId): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const count = await store.transaction(async (tx) => {
      const members = tx.selectFrom('memberships').select('user_id').where('organisation_id', '=', id)
      const some = await members.limit(MEMBERS_AT_ONCE).execute()
      for (const { user_id } of some) await removeMember(tx, id, user_id, clock.nowMs())
      return some.length
    })
    if (count < MEMBERS_AT_ONCE) return
  }
}

/** Five statements each. */
const MEMBERS_AT_ONCE = 50

async function purgeTable(
  { store, signal }: Hub,
  { id, table, key }: { id: OrganisationId; table: string; key: readonly string[] },
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    if ((await store.transaction((tx) => deleteSome(tx, { id, table, key }))) < ROWS_AT_ONCE) return
  }
}

async function deleteSome(
  tx: Tx,
  { id, table, key }: { id: OrganisationId; table: string; key: readonly string[] },
): Promise<number> {
  const columns = sql.join(key.map((column) => sql.ref(column)))
  const deleted = await sql`delete from ${sql.table(table)} where (${columns}) in (select ${columns}
    from ${sql.table(table)} where organisation_id = ${id} limit ${sql.lit(ROWS_AT_ONCE)})`.execute(tx)
  return Number(deleted.numAffectedRows ?? 0)
}

async function isHoldingNothing(db: Db, id: OrganisationId): Promise<boolean> {
  const blob = await db
    .selectFrom('blobs')
    .select('digest')
    .where('organisation_id', '=', id)
    .limit(1)
    .executeTakeFirst()
  return blob === undefined
}
