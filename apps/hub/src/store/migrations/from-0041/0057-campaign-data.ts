/** 0057: the data with which a participant trained, and the round whose weights its update is in. */
import { type Kysely, sql } from 'kysely'

export async function campaignData(db: Kysely<unknown>): Promise<void> {
  // All are null for reports from before, and for agents that do not report their data.
  await db.schema.alterTable('campaign_participants').addColumn('data_fingerprint', 'text').execute()
  await db.schema.alterTable('campaign_participants').addColumn('data_rows', 'integer').execute()
  await db.schema.alterTable('campaign_participants').addColumn('joined_round', 'integer').execute()
  await db.schema
    .createIndex('campaign_participants_by_data')
    .on('campaign_participants')
    .columns(['campaign_id', 'device_id', 'round'])
    .where(sql.ref('data_fingerprint'), 'is not', null)
    .execute()
}
