/** 0009: captures of models, the labels of their rows, and the subjects that were erased. */
import type { Kysely } from 'kysely'
import { ofOrganisation, onePerDevice, onePerOrganisation, required } from './0001/columns.ts'

export async function captureTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('captures')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('rules', 'text', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addColumn('changed_by', 'text', required)
    .addPrimaryKeyConstraint('captures_key', ['organisation_id', 'model'])
    .execute()
  await db.schema
    .createTable('capture_salts')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('salt', 'text', required)
    .execute()
  await db.schema
    .createTable('capture_devices')
    .addColumn('device_id', 'text', onePerDevice)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('revision', 'text')
    .addColumn('erased', 'bigint', required)
    .execute()
  await db.schema
    .createTable('capture_erasures')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('sequence', 'bigint', required)
    .addColumn('subject_key', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('erased_by', 'text', required)
    .addPrimaryKeyConstraint('capture_erasures_key', ['organisation_id', 'sequence'])
    .execute()
  await labels(db)
  await scores(db)
}

async function labels(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('capture_labels')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('request', 'text', required)
    // The device with the row. Not a reference: the label outlives the device. Null if the prediction came with it.
    .addColumn('device_id', 'text')
    .addColumn('version', 'integer', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('predicted', 'text', required)
    .addColumn('label', 'text', required)
    // Prediction minus label, if both are numbers.
    .addColumn('error', 'double precision')
    .addColumn('subject_key', 'text')
    .addColumn('labelled_at_ms', 'bigint', required)
    .addColumn('labelled_by', 'text', required)
    .addPrimaryKeyConstraint('capture_labels_key', ['organisation_id', 'model', 'request'])
    .execute()
  await db.schema
    .createIndex('capture_labels_by_time')
    .on('capture_labels')
    .columns(['organisation_id', 'model', 'at_ms'])
    .execute()
  await db.schema
    .createIndex('capture_labels_by_subject')
    .on('capture_labels')
    .columns(['organisation_id', 'subject_key'])
    .execute()
  await db.schema.createIndex('capture_labels_by_age').on('capture_labels').columns(['at_ms']).execute()
}

/** The confidences of all devices whose windows began at the same time. */
async function scores(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('score_sums')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('model', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('profile', 'text', required)
    .addColumn('start_ms', 'bigint', required)
    .addColumn('end_ms', 'bigint', required)
    .addColumn('scores', 'text', required)
    .addPrimaryKeyConstraint('score_sums_key', ['organisation_id', 'model', 'start_ms', 'version', 'profile'])
    .execute()
  await db.schema.createIndex('score_sums_by_end').on('score_sums').columns(['end_ms']).execute()
}
