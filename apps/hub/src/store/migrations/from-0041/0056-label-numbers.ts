/** 0056: numbers of labels in the order of their changes, so that a device fetches only the new labels of its rows. */
import { type Kysely, sql } from 'kysely'

export async function labelNumbers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('capture_salts')
    .addColumn('labelled', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await db.schema
    .alterTable('capture_labels')
    .addColumn('sequence', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  await sql`
    update capture_labels set sequence = numbered.place
    from (
      select organisation_id, model, request,
        row_number() over (partition by organisation_id order by labelled_at_ms, model, request) as place
      from capture_labels
    ) as numbered
    where capture_labels.organisation_id = numbered.organisation_id
      and capture_labels.model = numbered.model and capture_labels.request = numbered.request`.execute(db)
  await sql`
    update capture_salts set labelled = coalesce(
      (select max(sequence) from capture_labels where capture_labels.organisation_id = capture_salts.organisation_id), 0
    )`.execute(db)
  await db.schema
    .createIndex('capture_labels_by_device')
    .on('capture_labels')
    .columns(['device_id', 'sequence'])
    .execute()
}
