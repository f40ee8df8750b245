/** 0017: signed checkpoints of the audit trail, and the public keys that they are signed with. */
import type { Kysely } from 'kysely'

export async function auditCheckpoints(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_keys')
    .addColumn('key_id', 'text', (column) => column.primaryKey())
    .addColumn('public_key_pem', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('audit_checkpoints')
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('sequence', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('key_id', 'text', (column) => column.notNull())
    .addColumn('signature', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('audit_checkpoints_key', ['organisation_id', 'sequence'])
    .execute()
}
