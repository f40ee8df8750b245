/**
 * Purge: deletes the data of a removed organisation in pieces, so that other writers do not wait. After a crash it
 * continues. It keeps the audit trail with its checkpoints, which cannot be deleted, and the organisation's own record.
 */
import type { OrganisationId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'
import { removeMember } from '../people/people-store.ts'
import type { Db, Tx } from '../store/store.ts'

/** Some 10 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 500

/** Deletes the remaining data of all removed organisations. Returns the number of completely deleted ones. */
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
  // The deletion of a row also deletes the rows that refer to it by a foreign key. So tables with many rows come
  // before the rows that they refer to.
  for (const [table, key] of hub.nouns.purge) await purgeTable(hub, { id, table, key })
  if (!(await isHoldingNothing(hub.store.db, id))) return false
  // The name is free again; the trails keep the old one.
  const change = { name: `removed-${id.slice('org_'.length)}`, purged_at_ms: hub.clock.nowMs() }
  await hub.store.transaction((tx) => tx.updateTable('organisations').set(change).where('id', '=', id).execute())
  return true
}

/** A person who belongs to no other organisation is deleted. */
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

/** Each member takes five statements. */
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
