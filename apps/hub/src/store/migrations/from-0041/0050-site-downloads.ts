/** 0050: the bytes of files that the devices of a site have fetched today, for the budget of the site. */
import type { Kysely } from 'kysely'
import { ofOrganisation } from '../0001/columns.ts'

export async function siteDownloads(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('site_downloads')
    .addColumn('site_id', 'text', (column) => column.primaryKey().references('sites.id').onDelete('cascade'))
    .addColumn('organisation_id', 'text', ofOrganisation)
    .addColumn('day', 'integer', (column) => column.notNull())
    .addColumn('bytes', 'bigint', (column) => column.notNull())
    .execute()
}
