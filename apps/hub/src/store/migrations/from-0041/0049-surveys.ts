/** 0049: surveys, which are campaigns of one round of counts, and their results. */
import type { Kysely } from 'kysely'

export async function surveys(db: Kysely<unknown>): Promise<void> {
  // Both are null if the campaign trains a model.
  await db.schema.alterTable('campaigns').addColumn('survey', 'text').execute()
  await db.schema.alterTable('campaigns').addColumn('survey_result', 'text').execute()
}
