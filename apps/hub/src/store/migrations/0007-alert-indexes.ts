/** 0007: indexes that find what is wrong without a look at everything that is well. */
import { type Kysely, sql } from 'kysely'

/** What alerts begin with (alerts/device-groups.ts). Those of some rows only stay small, because most of a fleet is well. */
export async function alertIndexes(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  await schema
    .createIndex('device_items_failed')
    .on('device_items')
    .columns(['organisation_id', 'device_id'])
    .where(sql<boolean>`state = 'failed'`)
    .execute()
  await schema
    .createIndex('device_reports_by_stale_at_ms')
    .on('device_reports')
    .columns(['organisation_id', 'stale_at_ms'])
    .execute()
  // As narrow as it can be: a wider one is thought to cost more than the one above, and is not used.
  await schema
    .createIndex('device_reports_troubled')
    .on('device_reports')
    .columns(['organisation_id'])
    .where(sql<boolean>`conditions <> '[]'`)
    .execute()
  await schema.createIndex('devices_by_status').on('devices').columns(['organisation_id', 'status']).execute()
  await schema
    .createIndex('devices_by_certificate_not_after_ms')
    .on('devices')
    .columns(['organisation_id', 'certificate_not_after_ms'])
    .execute()
}
