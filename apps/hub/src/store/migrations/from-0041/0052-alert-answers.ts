/** 0052: the answers of people to alerts about equipment: acknowledged, or shelved for some time. */
import type { Kysely } from 'kysely'
import { ofDevice, ofOrganisation, required } from '../0001/columns.ts'

export async function alertAnswerTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('alert_answers')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('device_id', 'text', ofDevice)
    // alarm, source or sink; then the signal of the alarm, or the name of the connection.
    .addColumn('kind', 'text', required)
    .addColumn('name', 'text', required)
    // The begin of the acknowledged occurrence. Another occurrence begins at another time, and is not acknowledged.
    .addColumn('acknowledged_since_ms', 'bigint')
    // JSON: person, time and comment.
    .addColumn('acknowledged', 'text')
    .addColumn('shelved_until_ms', 'bigint')
    // JSON: person, time and reason.
    .addColumn('shelved', 'text')
    .addPrimaryKeyConstraint('alert_answers_key', ['device_id', 'kind', 'name'])
    .execute()
  await db.schema
    .createIndex('alert_answers_by_organisation')
    .on('alert_answers')
    .columns(['organisation_id'])
    .execute()
}
