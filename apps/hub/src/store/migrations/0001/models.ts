/** Models: names and versions of every deployable kind, their files, lineage, signatures and trust. */
import type { Kysely } from 'kysely'
import { ofOrganisation, onePerOrganisation, primary, required } from './columns.ts'

export async function modelTables(db: Kysely<unknown>): Promise<void> {
  await models(db)
  await versions(db)
  await versionFiles(db)
  await aliases(db)
  await versionLineages(db)
  await versionParents(db)
  await signingKeys(db)
  await versionSignatures(db)
  await trustPolicies(db)
}

/** A name of any deployable kind, and the counter of its versions. */
async function models(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('models')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('version_counter', 'integer', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('removed_at_ms', 'bigint')
    .addPrimaryKeyConstraint('models_key', ['organisation_id', 'name'])
    .execute()
}

async function versions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('versions')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('kind', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('digest', 'text', required)
    .addColumn('push_digest', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    .addColumn('golden_cases', 'integer', required)
    .addColumn('labels', 'text', required)
    .addColumn('summary', 'text', required)
    .addColumn('bundle', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addUniqueConstraint('versions_number', ['organisation_id', 'name', 'version'])
    .addUniqueConstraint('versions_push', ['organisation_id', 'name', 'push_digest'])
    .execute()
}

async function versionFiles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('version_files')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('path', 'text', required)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('digest', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    .addPrimaryKeyConstraint('version_files_key', ['version_id', 'path'])
    .execute()
  await db.schema
    .createIndex('version_files_by_organisation_id_digest')
    .on('version_files')
    .columns(['organisation_id', 'digest'])
    .execute()
}

async function aliases(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('aliases')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('alias', 'text', required)
    .addColumn('version', 'integer', required)
    .addPrimaryKeyConstraint('aliases_key', ['organisation_id', 'name', 'alias'])
    .execute()
}

/** The lineage of a version is deleted with it. */
async function versionLineages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('version_lineages')
    .addColumn('version_id', 'text', (column) => column.primaryKey().references('versions.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('lineage', 'text', required)
    .execute()
}

/** A parent may be removed before its children, which keep its reference. */
async function versionParents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('version_parents')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('name', 'text', required)
    .addColumn('version', 'integer', required)
    .addColumn('parent_name', 'text', required)
    .addColumn('parent_version', 'integer', required)
    .addPrimaryKeyConstraint('version_parents_key', ['version_id', 'parent_name', 'parent_version'])
    .execute()
  await db.schema
    .createIndex('version_parents_by_parent')
    .on('version_parents')
    .columns(['organisation_id', 'parent_name', 'parent_version', 'name', 'version'])
    .execute()
}

async function signingKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('signing_keys')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('key_id', 'text', required)
    .addColumn('name', 'text', required)
    .addColumn('kind', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('public_key_pem', 'text', required)
    .addColumn('private_key', 'text')
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('created_by', 'text', required)
    .addColumn('changed_at_ms', 'bigint')
    .addColumn('changed_by', 'text')
    .addColumn('reason', 'text')
    .addUniqueConstraint('signing_keys_by_name', ['organisation_id', 'name'])
    .addPrimaryKeyConstraint('signing_keys_key', ['organisation_id', 'key_id'])
    .execute()
}

/** The publishers' signatures of a version are deleted with it. */
async function versionSignatures(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('version_signatures')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('key_id', 'text', required)
    .addColumn('bundle', 'text', required)
    .addColumn('added_at_ms', 'bigint', required)
    .addColumn('added_by', 'text', required)
    .addPrimaryKeyConstraint('version_signatures_key', ['version_id', 'key_id'])
    .execute()
}

async function trustPolicies(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('trust_policies')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('revision', 'bigint', required)
    .addColumn('rules', 'text', required)
    .addColumn('updated_at_ms', 'bigint', required)
    .addColumn('updated_by', 'text', required)
    .execute()
}
