/** 0039: what a name and its versions are: models, as all were until now, or flows. */
import type { Kysely } from 'kysely'

export async function flows(db: Kysely<unknown>): Promise<void> {
  for (const table of ['models', 'versions']) {
    await db.schema
      .alterTable(table)
      .addColumn('kind', 'text', (column) => column.notNull().defaultTo('model'))
      .execute()
  }
}
