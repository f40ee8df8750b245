/** 0010: batches, their devices, and what those gave back. */
import type { Kysely } from 'kysely'

/** Devices are not referred to: a result outlives the device that it is of, and is called by the name that the device had. */
export async function batches(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('batches')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('command', 'text', (column) => column.notNull())
    .addColumn('selector', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('rate', 'text')
    .addColumn('pace', 'text', (column) => column.notNull())
    .addColumn('counts', 'text', (column) => column.notNull())
    .addColumn('devices', 'integer', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('start_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('timeout_ms', 'bigint', (column) => column.notNull())
    .addColumn('envelope', 'text')
    .addColumn('output_bytes', 'bigint', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('signed_by', 'text')
    .addColumn('sent_by', 'text')
    .addColumn('cancelled_by', 'text')
    .addColumn('ended_at_ms', 'bigint')
    .execute()
  await index(db, 'batches', ['organisation_id', 'created_at_ms'])
  await index(db, 'batches', ['status'])
  await ofBatch(db, 'batch_jobs')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('site', 'text', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('told_at_ms', 'bigint')
    .addColumn('decided_at_ms', 'bigint')
    .addColumn('duration_ms', 'bigint')
    .addColumn('code', 'text')
    .addColumn('message', 'text')
    .addColumn('output_bytes', 'integer')
    .addPrimaryKeyConstraint('batch_jobs_key', ['batch_id', 'device_id'])
    .execute()
  // A device that connects finds what it is asked; a list is a range, and so are those whose time is over.
  await index(db, 'batch_jobs', ['device_id', 'outcome'])
  await index(db, 'batch_jobs', ['batch_id', 'outcome', 'device'])
  await index(db, 'batch_jobs', ['batch_id', 'device'])
  await ofBatch(db, 'batch_outputs')
    .addColumn('output', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('batch_outputs_key', ['batch_id', 'device_id'])
    .execute()
}

const ofBatch = (db: Kysely<unknown>, name: string) =>
  db.schema
    .createTable(name)
    .addColumn('batch_id', 'text', (column) => column.notNull().references('batches.id').onDelete('cascade'))
    .addColumn('device_id', 'text', (column) => column.notNull())

const index = (db: Kysely<unknown>, name: string, columns: string[]) =>
  db.schema
    .createIndex(`${name}_by_${columns.join('_')}`)
    .on(name)
    .columns(columns)
    .execute()
