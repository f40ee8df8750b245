/** 0013: grants of remote access, their sessions, and the recordings of terminals. */
import type { Kysely } from 'kysely'
import { ofDevice, ofOrganisation, primary, required } from './0001/columns.ts'

export async function accessTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_grants')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('holder', 'text', required)
    .addColumn('person_id', 'text', required)
    .addColumn('spec', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .addColumn('revoked', 'text')
    .execute()
  await db.schema
    .createIndex('access_grants_by_time')
    .on('access_grants')
    .columns(['organisation_id', 'created_at_ms', 'id'])
    .execute()
  await db.schema.createIndex('access_grants_by_device').on('access_grants').columns(['device_id']).execute()
  await db.schema
    .createTable('access_sessions')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('grant_id', 'text', (column) => column.notNull().references('access_grants.id').onDelete('cascade'))
    .addColumn('holder', 'text', required)
    .addColumn('wish', 'text', required)
    .addColumn('ticket_hash', 'text', required)
    .addColumn('state', 'text', required)
    // The hub with its two ends; null while it waits. If this hub is gone, the session is over.
    .addColumn('hub_id', 'text')
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('ended', 'text')
    .addColumn('exit_code', 'integer')
    .addColumn('recording', 'text')
    .execute()
  await db.schema
    .createIndex('access_sessions_by_time')
    .on('access_sessions')
    .columns(['organisation_id', 'created_at_ms', 'id'])
    .execute()
  await db.schema.createIndex('access_sessions_by_state').on('access_sessions').columns(['state']).execute()
  await db.schema.createIndex('access_sessions_by_grant').on('access_sessions').columns(['grant_id']).execute()
  await db.schema.createIndex('access_sessions_by_device').on('access_sessions').columns(['device_id']).execute()
  await db.schema
    .createTable('access_recordings')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('session_id', 'text', (column) => column.notNull().references('access_sessions.id').onDelete('cascade'))
    .addColumn('sequence', 'integer', required)
    .addColumn('text', 'text', required)
    .addPrimaryKeyConstraint('access_recordings_key', ['session_id', 'sequence'])
    .execute()
}
