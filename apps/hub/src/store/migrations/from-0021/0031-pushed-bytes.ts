/** 0031: the bytes that open uploads of the registry use of their organisation's quota. */
import type { Kysely } from 'kysely'

export async function pushedBytes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('registry_uploads')
    .addColumn('reserved_bytes', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
}
