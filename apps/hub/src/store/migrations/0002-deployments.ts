/** 0002: deployments, rollouts and their members, and the queue of documents to derive. */
import type { CreateTableBuilder, Kysely } from 'kysely'

/** Only portable types: text, integer, bigint. Devices are not referred to: a removed one's rows tell the engine that it has gone. */
export async function deployments(db: Kysely<unknown>): Promise<void> {
  await owned(db, 'deployments')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('stable_revision', 'integer')
    .addColumn('rollout_id', 'text', (column) => column.notNull().unique())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('deployments_name', ['organisation_id', 'name'])
    .execute()
  await ofDeployment(db, 'deployment_revisions')
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('spec', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('opset', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('deployment_revisions_key', ['deployment_id', 'revision'])
    .execute()
  await index(db, 'deployment_revisions', ['organisation_id', 'model', 'version'])
  await ofDeployment(db, 'deployment_conflicts')
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('deployment_conflicts_key', ['deployment_id', 'device_id'])
    .execute()
  await index(db, 'deployment_conflicts', ['device_id'])
  await rollouts(db)
  await owned(db, 'desired_queue')
    .addColumn('device_id', 'text', (column) => column.primaryKey())
    .execute()
}

async function rollouts(db: Kysely<unknown>) {
  await ofDeployment(db, 'rollouts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('plan', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('changed_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('rollouts_revision', ['deployment_id', 'revision'])
    .execute()
  await index(db, 'rollouts', ['status'])
  await index(db, 'rollouts', ['organisation_id', 'created_at_ms'])
  await owned(db, 'rollout_members')
    .addColumn('rollout_id', 'text', (column) => column.notNull().references('rollouts.id').onDelete('cascade'))
    .addColumn('device_id', 'text', (column) => column.notNull())
    .addColumn('wave', 'integer', (column) => column.notNull())
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('previous_revision', 'integer')
    .addColumn('offered_at_ms', 'bigint')
    .addColumn('offered_generation', 'bigint')
    .addColumn('decided_at_ms', 'bigint')
    .addPrimaryKeyConstraint('rollout_members_key', ['rollout_id', 'device_id'])
    .execute()
  await index(db, 'rollout_members', ['device_id'])
  // A wave opens, times out or is borne as one range of this index, so a step costs as the rows that it changes.
  await index(db, 'rollout_members', ['rollout_id', 'wave', 'outcome', 'offered_at_ms'])
}

const owned = (db: Kysely<unknown>, name: string): CreateTableBuilder<string, 'organisation_id'> =>
  db.schema
    .createTable(name)
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))

const ofDeployment = (db: Kysely<unknown>, name: string) =>
  owned(db, name).addColumn('deployment_id', 'text', (column) =>
    column.notNull().references('deployments.id').onDelete('cascade'),
  )

const index = (db: Kysely<unknown>, name: string, columns: string[]) =>
  db.schema
    .createIndex(`${name}_by_${columns.at(-1)}`)
    .on(name)
    .columns(columns)
    .execute()
