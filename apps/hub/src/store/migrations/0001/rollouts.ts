/** Rollouts: deployments, their revisions, and each device of each rollout. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from './columns.ts'

export async function rolloutTables(db: Kysely<unknown>): Promise<void> {
  await deployments(db)
  await deploymentRevisions(db)
  await deploymentConflicts(db)
  await rollouts(db)
  await rolloutMembers(db)
}

async function deployments(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deployments')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('revision', 'integer', required)
    .addColumn('stable_revision', 'integer')
    .addColumn('rollout_id', 'text', (column) => column.notNull().unique())
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addUniqueConstraint('deployments_name', ['organisation_id', 'name'])
    .execute()
}

async function deploymentRevisions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deployment_revisions')
    .addColumn('deployment_id', 'text', (column) => column.notNull().references('deployments.id').onDelete('cascade'))
    .addColumn('revision', 'integer', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('spec', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('opset', 'integer', required)
    .addPrimaryKeyConstraint('deployment_revisions_key', ['deployment_id', 'revision'])
    .execute()
  await db.schema
    .createIndex('deployment_revisions_by_version')
    .on('deployment_revisions')
    .columns(['organisation_id', 'name', 'version'])
    .execute()
}

/**
 * Devices that an older deployment keeps from this one. There is no foreign key to devices: from these rows the engine
 * learns that a device was removed.
 */
async function deploymentConflicts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('deployment_conflicts')
    .addColumn('deployment_id', 'text', (column) => column.notNull().references('deployments.id').onDelete('cascade'))
    .addColumn('device_id', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addPrimaryKeyConstraint('deployment_conflicts_key', ['deployment_id', 'device_id'])
    .execute()
  await db.schema
    .createIndex('deployment_conflicts_by_device_id')
    .on('deployment_conflicts')
    .columns(['device_id'])
    .execute()
}

async function rollouts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rollouts')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('deployment_id', 'text', (column) => column.notNull().references('deployments.id').onDelete('cascade'))
    .addColumn('revision', 'integer', required)
    .addColumn('status', 'text', required)
    .addColumn('sequence', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('state', 'text', required)
    .addColumn('plan', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('changed_at_ms', 'bigint', required)
    .addUniqueConstraint('rollouts_revision', ['deployment_id', 'revision'])
    .execute()
  await db.schema.createIndex('rollouts_by_status').on('rollouts').columns(['status']).execute()
  await db.schema
    .createIndex('rollouts_by_created_at_ms')
    .on('rollouts')
    .columns(['organisation_id', 'created_at_ms'])
    .execute()
}

/** There is no foreign key to devices: from the row of a removed device the engine learns of the removal. */
async function rolloutMembers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rollout_members')
    .addColumn('rollout_id', 'text', (column) => column.notNull().references('rollouts.id').onDelete('cascade'))
    .addColumn('device_id', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('wave', 'integer', required)
    .addColumn('budget_group', 'text', (column) => column.notNull().defaultTo(''))
    .addColumn('outcome', 'text', required)
    // Whether the device is to lose the model or flow.
    .addColumn('leaving', 'integer')
    .addColumn('previous_revision', 'integer')
    .addColumn('offered_at_ms', 'bigint')
    .addColumn('offered_generation', 'bigint')
    .addColumn('held_until_ms', 'bigint')
    .addColumn('retries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('retry_at_ms', 'bigint')
    .addColumn('decided_at_ms', 'bigint')
    // The newest report for this rollout stays here: a device that rolls back to an older revision no longer reports
    // it.
    .addColumn('state', 'text')
    .addColumn('cause', 'text')
    .addColumn('held', 'integer')
    .addColumn('shadow', 'text')
    .addColumn('sequence', 'bigint', (column) => column.notNull().defaultTo(0))
    .addPrimaryKeyConstraint('rollout_members_key', ['rollout_id', 'device_id'])
    .execute()
  await db.schema.createIndex('rollout_members_by_device_id').on('rollout_members').columns(['device_id']).execute()
  // A wave opens, times out or is tolerated as one range of this index. So the cost of a step depends only on the rows
  // that it changes.
  await db.schema
    .createIndex('rollout_members_by_offered_at_ms')
    .on('rollout_members')
    .columns(['rollout_id', 'wave', 'outcome', 'offered_at_ms'])
    .execute()
  // All changes after a number are one range of this index, in the order of the changes.
  await db.schema
    .createIndex('rollout_members_by_sequence')
    .on('rollout_members')
    .columns(['rollout_id', 'sequence', 'device_id'])
    .execute()
}
