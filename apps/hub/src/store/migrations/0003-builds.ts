/** 0003: builds of versions, and the optimisations that make them. */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from './0001/columns.ts'

export async function buildTables(db: Kysely<unknown>): Promise<void> {
  await builds(db)
  await buildFiles(db)
  await optimisations(db)
  // Null if the devices get the version itself.
  await db.schema.alterTable('deployment_revisions').addColumn('build_id', 'text').execute()
}

async function builds(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('builds')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('recipe', 'text', required)
    .addColumn('digest', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    .addColumn('bundle', 'text', required)
    .addColumn('fidelity', 'text', required)
    .addColumn('changed', 'integer', required)
    .addColumn('skipped_count', 'integer', required)
    .addColumn('skipped', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    // The same recipe makes the same bytes, so a version has each build once. Two recipes may make the same bytes.
    .addUniqueConstraint('builds_by_recipe', ['version_id', 'recipe', 'digest'])
    .execute()
}

async function buildFiles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('build_files')
    .addColumn('build_id', 'text', (column) => column.notNull().references('builds.id').onDelete('cascade'))
    .addColumn('path', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('digest', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    .addPrimaryKeyConstraint('build_files_key', ['build_id', 'path'])
    .execute()
  await db.schema
    .createIndex('build_files_by_organisation_id_digest')
    .on('build_files')
    .columns(['organisation_id', 'digest'])
    .execute()
}

async function optimisations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('optimisations')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('status', 'text', required)
    .addColumn('goal', 'text', required)
    .addColumn('results', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('ended_at_ms', 'bigint')
    .execute()
  await db.schema
    .createIndex('optimisations_by_status')
    .on('optimisations')
    .columns(['status', 'created_at_ms'])
    .execute()
  await db.schema
    .createIndex('optimisations_by_organisation')
    .on('optimisations')
    .columns(['organisation_id', 'created_at_ms'])
    .execute()
}
