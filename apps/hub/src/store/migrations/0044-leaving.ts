/** 0044: a rollout's row says whether its device is to lose the model. */
import type { Kysely } from 'kysely'

/** Null in all rows of before: a device that was no longer picked had no row. */
export async function leaving(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('rollout_members').addColumn('leaving', 'integer').execute()
}
