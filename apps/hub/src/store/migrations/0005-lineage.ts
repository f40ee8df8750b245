/** 0005: what versions were made from, and an order for the devices that serve one. */
import type { Kysely } from 'kysely'

/** Lineage goes with its version; a parent may go before its children, whose word for it stays. */
export async function lineage(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('version_lineages')
    .addColumn('version_id', 'text', (column) => column.primaryKey().references('versions.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('lineage', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('version_parents')
    .addColumn('version_id', 'text', (column) => column.notNull().references('versions.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', (column) => column.notNull().references('organisations.id'))
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('parent_model', 'text', (column) => column.notNull())
    .addColumn('parent_version', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('version_parents_key', ['version_id', 'parent_model', 'parent_version'])
    .execute()
  await db.schema
    .createIndex('version_parents_by_parent')
    .on('version_parents')
    .columns(['organisation_id', 'parent_model', 'parent_version', 'model', 'version'])
    .execute()
  // Lists the devices of a version page by page, at the cost of the page; the index before it had no order within a version.
  await db.schema
    .createIndex('device_items_by_serving')
    .on('device_items')
    .columns(['organisation_id', 'model', 'serving_version', 'device_id'])
    .execute()
  await db.schema.dropIndex('device_items_by_organisation_id_model_serving_version').execute()
}
