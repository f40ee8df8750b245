/** 0034: the parts of system releases, and the place of each device between two of them. */
import { type Kysely, sql } from 'kysely'
import { ofDevice, ofOrganisation, required } from '../0001/columns.ts'

export async function systemTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('system_parts')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('position', 'integer', required)
    .addColumn('kind', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('digest', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    // JSON: how devices run it; null if all have their defaults.
    .addColumn('settings', 'text')
    .addPrimaryKeyConstraint('system_parts_key', ['version_id', 'position'])
    .execute()
  await db.schema
    .createIndex('system_parts_by_name')
    .on('system_parts')
    .columns(['organisation_id', 'name', 'version'])
    .execute()
  await db.schema
    .createTable('system_stages')
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('deployment_id', 'text', (column) => column.notNull().references('deployments.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('to_revision', 'integer', required)
    // Null if the device had no release before.
    .addColumn('from_revision', 'integer')
    .addColumn('at_step', 'integer', required)
    .addColumn('is_back', 'integer', required)
    .addColumn('retry_token', 'integer', required)
    // JSON; null unless a part failed.
    .addColumn('failure', 'text')
    // 1 while a step is in progress.
    .addColumn('is_moving', 'integer')
    // The first document of this stage; null before it is issued.
    .addColumn('generation', 'bigint')
    .addColumn('since_ms', 'bigint', required)
    .addPrimaryKeyConstraint('system_stages_key', ['device_id', 'deployment_id'])
    .execute()
  await db.schema.createIndex('system_stages_of_deployment').on('system_stages').columns(['deployment_id']).execute()
  // Few devices move at a time, however large the fleet is.
  await sql`create index system_stages_moving on system_stages (device_id) where is_moving = 1`.execute(db)
}
