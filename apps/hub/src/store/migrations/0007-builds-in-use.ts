/** 0007: the permission for builds, how fast devices serve, and the settings of sessions that they measured. */
import { type Kysely, sql } from 'kysely'

export async function buildsInUse(db: Kysely<unknown>): Promise<void> {
  await buildPermission(db)
  // The p95 of the item's stats. Null until the next report, and with too few requests.
  await db.schema.alterTable('device_items').addColumn('p95_us', 'bigint').execute()
  // JSON; null if the command did not ask for settings of sessions.
  await db.schema.alterTable('build_measurements').addColumn('sessions', 'text').execute()
}

const PUSHES = '"model.write"'
const BUILDS = '"build.write"'

/** Roles of organisations that may push models may make builds, too, as before the permission `build.write`. */
async function buildPermission(db: Kysely<unknown>): Promise<void> {
  await sql`
    update roles set permissions = replace(permissions, ${PUSHES}, ${`${PUSHES},${BUILDS}`})
    where permissions like ${`%${PUSHES}%`} and permissions not like ${`%${BUILDS}%`}
  `.execute(db)
}
