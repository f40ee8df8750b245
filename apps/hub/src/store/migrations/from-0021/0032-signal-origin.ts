/** 0032: the source and the tag of a signal that a device sends. */
import type { Kysely } from 'kysely'

export async function signalOrigin(db: Kysely<unknown>): Promise<void> {
  // Null if the signal comes from several tags, or if its device has an older agent.
  for (const column of ['source', 'tag']) {
    await db.schema.alterTable('telemetry_signals').addColumn(column, 'text').execute()
  }
}
