/** 0014: campaigns of federated learning, their rounds and participants, and the data that devices offer. */
import type { Kysely } from 'kysely'
import { ofOrganisation, onePerDevice, primary, required } from './0001/columns.ts'

export async function campaignTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('campaigns')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('spec', 'text', required)
    // Not a reference: the campaign outlives the version.
    .addColumn('base_version_id', 'text', required)
    .addColumn('base_version', 'integer', required)
    .addColumn('course', 'text', required)
    // Parts of the course by which rows are found.
    .addColumn('phase', 'text', required)
    .addColumn('weights_digest', 'text', required)
    .addColumn('training_digest', 'text', required)
    .addColumn('training_bytes', 'bigint', required)
    .addColumn('evaluation_digest', 'text', required)
    .addColumn('evaluation_bytes', 'bigint', required)
    .addColumn('parameters', 'text', required)
    .addColumn('elements', 'bigint', required)
    // The moments of the strategy after the last round, both in one blob.
    .addColumn('moments_digest', 'text')
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('ended_at_ms', 'bigint')
    .addUniqueConstraint('campaigns_name', ['organisation_id', 'name'])
    .execute()
  await db.schema.createIndex('campaigns_by_phase').on('campaigns').columns(['phase']).execute()
  await rounds(db)
  await db.schema
    .createTable('campaign_devices')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('data', 'text', required)
    .execute()
  await db.schema.createIndex('campaign_devices_of').on('campaign_devices').columns(['organisation_id']).execute()
}

async function rounds(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('campaign_rounds')
    .addColumn('campaign_id', 'text', (column) => column.notNull().references('campaigns.id'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('round', 'integer', required)
    .addColumn('figures', 'text', required)
    // Null when later rounds have replaced the weights.
    .addColumn('weights_digest', 'text')
    .addPrimaryKeyConstraint('campaign_rounds_key', ['campaign_id', 'round'])
    .execute()
  await db.schema
    .createTable('campaign_participants')
    .addColumn('campaign_id', 'text', (column) => column.notNull().references('campaigns.id'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('round', 'integer', required)
    .addColumn('attempt', 'integer', required)
    // Not a reference: the history outlives the device.
    .addColumn('device_id', 'text', required)
    .addColumn('device', 'text', required)
    .addColumn('state', 'text', required)
    // Of the update. Null when the round is over.
    .addColumn('update_digest', 'text')
    .addColumn('update_bytes', 'bigint')
    .addColumn('outcome', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('campaign_participants_key', ['campaign_id', 'round', 'attempt', 'device_id'])
    .execute()
  await db.schema
    .createIndex('campaign_participants_by_device')
    .on('campaign_participants')
    .columns(['device_id', 'state'])
    .execute()
  await db.schema
    .createIndex('campaign_participants_by_update')
    .on('campaign_participants')
    .columns(['organisation_id', 'update_digest'])
    .execute()
}
