/** 0007: roles of organisations that may push models may make builds, too, as before the permission `build.write`. */
import { type Kysely, sql } from 'kysely'

const PUSHES = '"model.write"'
const BUILDS = '"build.write"'

export async function buildPermission(db: Kysely<unknown>): Promise<void> {
  await sql`
    update roles set permissions = replace(permissions, ${PUSHES}, ${`${PUSHES},${BUILDS}`})
    where permissions like ${`%${PUSHES}%`} and permissions not like ${`%${BUILDS}%`}
  `.execute(db)
}
