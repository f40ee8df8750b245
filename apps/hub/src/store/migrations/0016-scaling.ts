/** 0016: the scale of items on devices and of placements, their steps, and the models in the memory of a device. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from './0001/columns.ts'

export async function scalingTables(db: Kysely<unknown>): Promise<void> {
  // JSON, with the newest steps; null without a scaling policy.
  await db.schema.alterTable('device_items').addColumn('scale', 'text').execute()
  // JSON; null from agents that do not report it.
  await db.schema.alterTable('device_reports').addColumn('residency', 'text').execute()
  await db.schema
    .createTable('scale_steps')
    // A device may report an item of a deployment that is gone, so no key refers to it.
    .addColumn('deployment_id', 'text', required)
    // The id of a device; empty for the replicas of the placement.
    .addColumn('subject', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('from_count', 'integer', required)
    .addColumn('to_count', 'integer', required)
    .addColumn('code', 'text', required)
    .addColumn('reason', 'text', required)
    .addPrimaryKeyConstraint('scale_steps_key', ['deployment_id', 'subject', 'at_ms'])
    .execute()
  await db.schema.createIndex('scale_steps_by_time').on('scale_steps').columns(['at_ms']).execute()
  await db.schema.createIndex('scale_steps_by_organisation').on('scale_steps').columns(['organisation_id']).execute()
  await db.schema
    .createTable('placement_scales')
    .addColumn('deployment_id', 'text', (column) =>
      column.primaryKey().references('deployments.id').onDelete('cascade'),
    )
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('replicas', 'integer', required)
    .addColumn('raised_at_ms', 'bigint')
    .addColumn('changed_at_ms', 'bigint')
    // JSON: the hours of the day, for the budget.
    .addColumn('spent', 'text', required)
    // JSON: the newest decision, in words.
    .addColumn('now', 'text', required)
    .execute()
}
