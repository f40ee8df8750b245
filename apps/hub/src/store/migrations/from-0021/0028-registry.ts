/**
 * 0028: the registry of container images: manifests, their parts, tags, and uploads of blobs whose digest is not known
 * yet. The bytes are blobs as all others.
 */
import type { Kysely } from 'kysely'
import { ofOrganisation, primary, required } from '../0001/columns.ts'

export async function registryTables(db: Kysely<unknown>): Promise<void> {
  await manifests(db)
  await db.schema
    .createTable('registry_parts')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('repository', 'text', required)
    .addColumn('manifest', 'text', required)
    .addColumn('digest', 'text', required)
    .addPrimaryKeyConstraint('registry_parts_key', ['organisation_id', 'repository', 'manifest', 'digest'])
    .execute()
  // The collection asks for each blob whether a manifest names it.
  await db.schema
    .createIndex('registry_parts_by_digest')
    .on('registry_parts')
    .columns(['organisation_id', 'digest'])
    .execute()
  await db.schema
    .createTable('registry_tags')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('repository', 'text', required)
    .addColumn('tag', 'text', required)
    .addColumn('manifest', 'text', required)
    .addColumn('set_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('registry_tags_key', ['organisation_id', 'repository', 'tag'])
    .execute()
  await uploads(db)
}

async function manifests(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('registry_manifests')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('repository', 'text', required)
    .addColumn('digest', 'text', required)
    .addColumn('media_type', 'text', required)
    .addColumn('artifact_type', 'text')
    .addColumn('subject', 'text')
    .addColumn('annotations', 'text', required)
    .addColumn('document_bytes', 'bigint', required)
    .addColumn('size_bytes', 'bigint', required)
    .addColumn('pushed_at_ms', 'bigint', required)
    .addPrimaryKeyConstraint('registry_manifests_key', ['organisation_id', 'repository', 'digest'])
    .execute()
  await db.schema
    .createIndex('registry_manifests_by_digest')
    .on('registry_manifests')
    .columns(['organisation_id', 'digest'])
    .execute()
  await db.schema
    .createIndex('registry_manifests_by_subject')
    .on('registry_manifests')
    .columns(['organisation_id', 'repository', 'subject'])
    .execute()
}

async function uploads(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('registry_uploads')
    .addColumn('id', 'text', primary)
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('repository', 'text', required)
    .addColumn('created_at_ms', 'bigint', required)
    .addColumn('expires_at_ms', 'bigint', required)
    .execute()
  await db.schema
    .createIndex('registry_uploads_by_organisation')
    .on('registry_uploads')
    .columns(['organisation_id'])
    .execute()
}
