/** 0030: the URL from which a catalogue is mirrored. */
import type { Kysely } from 'kysely'

export async function catalogueMirrors(db: Kysely<unknown>): Promise<void> {
  // Null if a person puts the catalogue into the hub's folder.
  await db.schema.alterTable('market_catalogues').addColumn('url', 'text').execute()
}
