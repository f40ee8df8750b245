/** 0054: an index of the devices whose last link ended. Every list of rollouts counts them. */
import { type Kysely, sql } from 'kysely'

export async function endedLinks(db: Kysely<unknown>): Promise<void> {
  // Without it, the count reads the links of the whole fleet, of which nearly all are open.
  await sql`create index device_links_ended on device_links (device_id) where ended_at_ms is not null`.execute(db)
}
