/** States: the desired documents of devices, and the reports of devices. */
import { type Kysely, sql } from 'kysely'
import { ofDevice, ofOrganisation, onePerDevice, primary, required } from './columns.ts'

export async function stateTables(db: Kysely<unknown>): Promise<void> {
  await desiredDocuments(db)
  await desiredQueue(db)
  await deviceRetries(db)
  await deviceReports(db)
  await deviceItems(db)
}

async function desiredDocuments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('desired_documents')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('generation', 'bigint', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('digest', 'text', required)
    .addColumn('items', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('desired_documents_key', ['device_id', 'generation'])
    .execute()
}

/** Devices whose document must be derived again. */
async function desiredQueue(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('desired_queue')
    .addColumn('device_id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .execute()
}

async function deviceRetries(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_retries')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('deployment_id', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('retry_token', 'integer', required)
    .addPrimaryKeyConstraint('device_retries_key', ['device_id', 'deployment_id'])
    .execute()
}

async function deviceReports(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_reports')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('last_seen_at_ms', 'bigint', required)
    .addColumn('stale_at_ms', 'bigint', required)
    .addColumn('reported_at_ms', 'bigint', required)
    .addColumn('agent_version', 'text', required)
    .addColumn('boot_id', 'text', required)
    // The boot id of the start before. If it reports again, two agents run at once.
    .addColumn('previous_boot_id', 'text')
    .addColumn('observed_generation', 'bigint', required)
    .addColumn('observed_digest', 'text')
    .addColumn('last_good_generation', 'bigint', required)
    .addColumn('conditions', 'text', required)
    .addColumn('endpoints', 'text', required)
    .addColumn('inventory', 'text', required)
    .execute()
  await db.schema
    .createIndex('device_reports_by_stale_at_ms')
    .on('device_reports')
    .columns(['organisation_id', 'stale_at_ms'])
    .execute()
  // As narrow as possible: the planner estimates a wider index as more expensive than device_reports_by_stale_at_ms,
  // and does not use it.
  await db.schema
    .createIndex('device_reports_troubled')
    .on('device_reports')
    .columns(['organisation_id'])
    .where(sql<boolean>`conditions <> '[]'`)
    .execute()
}

/** `opens_at_ms`: the time at which the update window of the item opens. */
async function deviceItems(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('device_items')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('name', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('kind', 'text', required)
    .addColumn('deployment_id', 'text', required)
    .addColumn('target_revision', 'integer', required)
    .addColumn('target_version', 'integer', required)
    .addColumn('target_digest', 'text', required)
    .addColumn('retry_token', 'integer', required)
    .addColumn('state', 'text', required)
    .addColumn('cause', 'text')
    .addColumn('since_ms', 'bigint', required)
    .addColumn('held', 'integer')
    .addColumn('opens_at_ms', 'bigint')
    .addColumn('serving_version', 'integer')
    .addColumn('serving_digest', 'text')
    .addColumn('shadow', 'text')
    .addColumn('stats', 'text')
    .addColumn('figures', 'text')
    .addPrimaryKeyConstraint('device_items_key', ['device_id', 'name'])
    .execute()
  await db.schema.createIndex('device_items_by_deployment_id').on('device_items').columns(['deployment_id']).execute()
  // Lists the devices of a version page by page; the cost depends only on the page.
  await db.schema
    .createIndex('device_items_by_serving')
    .on('device_items')
    .columns(['organisation_id', 'name', 'serving_version', 'device_id'])
    .execute()
  // Queries for alerts begin with this index. It stays small, because most of a fleet has no problem.
  await db.schema
    .createIndex('device_items_failed')
    .on('device_items')
    .columns(['organisation_id', 'device_id'])
    .where(sql<boolean>`state = 'failed'`)
    .execute()
}
