/** Operate: batches, their devices, and the devices' output. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from './columns.ts'

export async function operateTables(db: Kysely<unknown>): Promise<void> {
  await batches(db)
  await batchJobs(db)
  await batchOutputs(db)
}

async function batches(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('batches')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('status', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('command', 'text', required)
    .addColumn('selector', 'text', required)
    .addColumn('reason', 'text')
    .addColumn('rate', 'text')
    .addColumn('pace', 'text', required)
    .addColumn('counts', 'text', required)
    .addColumn('devices', 'integer', required)
    .addColumn('attempt', 'integer', required)
    .addColumn('start_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .addColumn('timeout_ms', 'bigint', required)
    .addColumn('envelope', 'text')
    .addColumn('output_bytes', 'bigint', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('signed_by', 'text')
    .addColumn('sent_by', 'text')
    .addColumn('cancelled_by', 'text')
    .addColumn('ended_at_ms', 'bigint')
    .execute()
  await db.schema
    .createIndex('batches_by_organisation_id_created_at_ms')
    .on('batches')
    .columns(['organisation_id', 'created_at_ms'])
    .execute()
  await db.schema.createIndex('batches_by_status').on('batches').columns(['status']).execute()
}

/** There is no foreign key to devices: a result outlives its device, and keeps the device's name. */
async function batchJobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('batch_jobs')
    .addColumn('batch_id', 'text', (column) => column.notNull().references('batches.id').onDelete('cascade'))
    .addColumn('device_id', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('device', 'text', required)
    .addColumn('site', 'text', required)
    .addColumn('outcome', 'text', required)
    .addColumn('attempt', 'integer', required)
    .addColumn('told_at_ms', 'bigint')
    .addColumn('decided_at_ms', 'bigint')
    .addColumn('duration_ms', 'bigint')
    .addColumn('code', 'text')
    .addColumn('message', 'text')
    .addColumn('output_bytes', 'integer')
    .addPrimaryKeyConstraint('batch_jobs_key', ['batch_id', 'device_id'])
    .execute()
  // The index for the jobs of a device that connects.
  await db.schema
    .createIndex('batch_jobs_by_device_id_outcome')
    .on('batch_jobs')
    .columns(['device_id', 'outcome'])
    .execute()
  // A list is a range of this index or the next. So are the jobs that have timed out.
  await db.schema
    .createIndex('batch_jobs_by_batch_id_outcome_device')
    .on('batch_jobs')
    .columns(['batch_id', 'outcome', 'device'])
    .execute()
  await db.schema
    .createIndex('batch_jobs_by_batch_id_device')
    .on('batch_jobs')
    .columns(['batch_id', 'device'])
    .execute()
}

async function batchOutputs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('batch_outputs')
    .addColumn('batch_id', 'text', (column) => column.notNull().references('batches.id').onDelete('cascade'))
    .addColumn('device_id', 'text', required)
    .addColumn('output', 'text', required)
    .addPrimaryKeyConstraint('batch_outputs_key', ['batch_id', 'device_id'])
    .execute()
}
