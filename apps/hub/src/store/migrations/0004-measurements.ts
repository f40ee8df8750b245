/** 0004: measurements of builds on devices, and the choice of a build for each class of hardware. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from './0001/columns.ts'

export async function measurementTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('build_measurements')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('digest', 'text', required)
    .addColumn('device_id', 'text', (column) => column.notNull().references('devices.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('build_id', 'text', (column) => column.references('builds.id').onDelete('cascade'))
    .addColumn('hardware_class', 'text', required)
    .addColumn('batch_id', 'text', required)
    .addColumn('agent', 'text', required)
    .addColumn('runtime', 'text', required)
    .addColumn('threads', 'integer', required)
    .addColumn('timing', 'text')
    .addColumn('problem', 'text')
    .addColumn('measured_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('build_measurements_key', ['version_id', 'digest', 'device_id'])
    .execute()
  // JSON: the build of each class of hardware, fixed when the revision was applied. Null unless the spec asks for the best.
  await db.schema.alterTable('deployment_revisions').addColumn('build_choices', 'text').execute()
}
