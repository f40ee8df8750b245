/** 0014: a device says when the window opens that an item waits for, and its time in a rollout begins then. */
import type { Kysely } from 'kysely'

/** Nothing waited for a window before. */
export async function updateWindows(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('device_items').addColumn('opens_at_ms', 'bigint').execute()
  await db.schema.alterTable('rollout_members').addColumn('held_until_ms', 'bigint').execute()
}
