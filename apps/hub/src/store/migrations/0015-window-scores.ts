/** 0015: how sure a device was of its answers in each window, for the gates of its wave. */
import type { Kysely } from 'kysely'

export async function windowScores(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('monitor_windows').addColumn('scores', 'text').execute()
}
