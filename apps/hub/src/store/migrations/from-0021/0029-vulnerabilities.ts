/** 0029: advisories, the parts of versions, VEX statements, and accepted risks. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function vulnerabilityTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('advisories')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('id', 'text', required)
    .addColumn('modified_at_ms', 'bigint', required)
    .addColumn('document', 'text', required)
    .addPrimaryKeyConstraint('advisories_key', ['organisation_id', 'id'])
    .execute()
  await packages(db)
  await db.schema
    .createTable('vex_statements')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('vulnerability', 'text', required)
    .addColumn('product', 'text', required)
    .addColumn('author', 'text', required)
    .addColumn('status', 'text', required)
    .addColumn('justification', 'text')
    .addColumn('parts', 'text', required)
    .addColumn('at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('vex_statements_key', ['organisation_id', 'vulnerability', 'product', 'author'])
    .execute()
  await db.schema
    .createTable('accepted_risks')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('vulnerability', 'text', required)
    .addColumn('reason', 'text', required)
    .addColumn('until_ms', 'bigint', required)
    .addColumn('accepted_by', 'text', required)
    .addColumn('accepted_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('accepted_risks_key', ['organisation_id', 'vulnerability'])
    .execute()
}

/**
 * The packages of advisories and the parts of versions meet by ecosystem and name. The key begins with them: SQLite
 * prefers a key that has all columns, and would read every advisory for each part otherwise.
 */
async function packages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('advisory_packages')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('advisory', 'text', required)
    .addColumn('ecosystem', 'text', required)
    .addColumn('package', 'text', required)
    .addPrimaryKeyConstraint('advisory_packages_key', ['organisation_id', 'ecosystem', 'package', 'advisory'])
    .execute()
  await db.schema
    .createIndex('advisory_packages_by_advisory')
    .on('advisory_packages')
    .columns(['organisation_id', 'advisory'])
    .execute()
  await db.schema
    .createTable('version_parts')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('purl', 'text', required)
    .addColumn('ecosystem', 'text', required)
    .addColumn('package', 'text', required)
    .addPrimaryKeyConstraint('version_parts_key', ['version_id', 'purl'])
    .execute()
  await db.schema
    .createIndex('version_parts_by_package')
    .on('version_parts')
    .columns(['organisation_id', 'ecosystem', 'package'])
    .execute()
}
