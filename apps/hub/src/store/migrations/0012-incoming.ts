/** 0012: blobs that arrive at a bucket in parts, whichever hub the parts come to; and blobs that are being removed. */
import type { Kysely } from 'kysely'

/** Rows outlive their upload until the sweep has told the store. */
export async function incoming(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('incoming_blobs')
    .addColumn('upload_id', 'text', (column) => column.primaryKey())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('store_upload_id', 'text')
    .addColumn('last_number', 'bigint', (column) => column.notNull())
    .addColumn('offset_bytes', 'bigint', (column) => column.notNull())
    .addColumn('hash_state', 'text', (column) => column.notNull())
    .addColumn('remainder_number', 'bigint')
    .execute()
  await db.schema
    .createTable('incoming_parts')
    .addColumn('upload_id', 'text', (column) =>
      column.notNull().references('incoming_blobs.upload_id').onDelete('cascade'),
    )
    .addColumn('number', 'bigint', (column) => column.notNull())
    .addColumn('etag', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('incoming_parts_key', ['upload_id', 'number'])
    .execute()
  await db.schema
    .createTable('blob_removals')
    .addColumn('digest', 'text', (column) => column.primaryKey())
    .addColumn('since_ms', 'bigint', (column) => column.notNull())
    .execute()
}
