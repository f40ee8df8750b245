/** 0013: an item says whether it is held, and how its answers compare with the serving version's. */
import type { Kysely } from 'kysely'

/** A report of before says neither. */
export async function shadow(db: Kysely<unknown>): Promise<void> {
  for (const table of ['device_items', 'rollout_members']) {
    await db.schema.alterTable(table).addColumn('held', 'integer').execute()
    await db.schema.alterTable(table).addColumn('shadow', 'text').execute()
  }
}
