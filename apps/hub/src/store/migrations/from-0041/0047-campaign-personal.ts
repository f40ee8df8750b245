/** 0047: the weights of a campaign that each device keeps for itself, and the values they begin with. */
import type { Kysely } from 'kysely'

export async function campaignPersonal(db: Kysely<unknown>): Promise<void> {
  // Both are null if the campaign has no such weights.
  await db.schema.alterTable('campaigns').addColumn('personal_digest', 'text').execute()
  await db.schema.alterTable('campaigns').addColumn('personal_parameters', 'text').execute()
}
