/** 0027: the messages of masked rounds. They are removed when the round is over. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function campaignMasks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('campaign_masks')
    .addColumn('campaign_id', 'text', (column) => column.notNull().references('campaigns.id'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('round', 'integer', required)
    .addColumn('attempt', 'integer', required)
    .addColumn('stage', 'text', required)
    // The device that can open it; empty if the message is for the hub.
    .addColumn('to_device_id', 'text', required)
    .addColumn('device_id', 'text', required)
    .addColumn('content', 'text', required)
    .addPrimaryKeyConstraint('campaign_masks_key', [
      'campaign_id',
      'round',
      'attempt',
      'stage',
      'to_device_id',
      'device_id',
    ])
    .execute()
}
