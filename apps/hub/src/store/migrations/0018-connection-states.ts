/** 0019: the state of each source and sink on each device, so that lists and alerts need not read every report. */
import type { Kysely } from 'kysely'
import { ofDevice, ofOrganisation, required } from './0001/columns.ts'

export async function connectionStates(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('connection_states')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('device_id', 'text', ofDevice)
    .addColumn('kind', 'text', required)
    .addColumn('name', 'text', required)
    // The connection that the device ran by this name when it reported.
    .addColumn('connection_id', 'text', (column) => column.notNull().references('connections.id').onDelete('cascade'))
    .addColumn('state', 'text', required)
    .addColumn('since_ms', 'bigint', required)
    .addColumn('message', 'text')
    .addColumn('values_per_second', 'double precision', required)
    .addPrimaryKeyConstraint('connection_states_key', ['device_id', 'kind', 'name'])
    .execute()
  await db.schema
    .createIndex('connection_states_by_connection')
    .on('connection_states')
    .columns(['connection_id', 'state'])
    .execute()
  await db.schema
    .createIndex('connection_states_by_state')
    .on('connection_states')
    .columns(['organisation_id', 'state'])
    .execute()
}
