/** 0021: settings of devices, by place; the reports of devices on them; facts, which selectors use. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function settingsTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('settings_layers')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('owner', 'text', required)
    .addColumn('site_id', 'text', (column) => column.references('sites.id').onDelete('cascade'))
    .addColumn('device_id', 'text', (column) => column.references('devices.id').onDelete('cascade'))
    .addColumn('settings', 'text', required)
    .addColumn('revision', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addColumn('changed_by', 'text', required)
    .addPrimaryKeyConstraint('settings_layers_key', ['organisation_id', 'owner'])
    .execute()
  await db.schema
    .createTable('device_settings')
    .addColumn('device_id', 'text', (column) => column.primaryKey().references('devices.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('revision', 'text')
    .addColumn('said', 'text', required)
    .addColumn('said_at_ms', 'bigint', required)
    .execute()
  await db.schema.alterTable('devices').addColumn('facts', 'text').execute()
}
