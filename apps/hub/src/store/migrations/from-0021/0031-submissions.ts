/** 0031: catalogues that the hub signs, and submissions of listings with their files and comments. */
import type { Kysely } from 'kysely'
import { ofOrganisation, required } from '../0001/columns.ts'

export async function submissionTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('market_catalogues')
    .addColumn('own', 'integer', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .createTable('market_submissions')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('id', 'text', required)
    .addColumn('catalogue', 'text', required)
    .addColumn('listing', 'text', required)
    .addColumn('version', 'text', required)
    .addColumn('state', 'text', required)
    .addColumn('envelope', 'text', required)
    .addColumn('key_id', 'text', required)
    .addColumn('document', 'text', required)
    .addColumn('entry', 'text', required)
    .addColumn('certificate', 'text', required)
    .addColumn('submitted_at_ms', 'bigint', required)
    .addColumn('submitted_by', 'text', required)
    // The person behind the key, who cannot accept the submission.
    .addColumn('person_id', 'text', required)
    .addColumn('decided_at_ms', 'bigint')
    .addColumn('decided_by', 'text')
    .addColumn('reason', 'text')
    .addPrimaryKeyConstraint('market_submissions_key', ['organisation_id', 'id'])
    .execute()
  await db.schema
    .createTable('market_submission_files')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('digest', 'text', required)
    .addColumn('submission', 'text', required)
    .addColumn('size_bytes', 'bigint', required)
    .addPrimaryKeyConstraint('market_submission_files_key', ['organisation_id', 'digest', 'submission'])
    .execute()
  await db.schema
    .createTable('market_submission_comments')
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('submission', 'text', required)
    .addColumn('number', 'integer', required)
    .addColumn('at_ms', 'bigint', required)
    .addColumn('author', 'text', required)
    .addColumn('text', 'text', required)
    .addPrimaryKeyConstraint('market_submission_comments_key', ['organisation_id', 'submission', 'number'])
    .execute()
}
