/**
 * 0001: the schema of the first release, in files by clusters of nouns. Only portable types: text, integer, bigint,
 * double precision. Instants and sizes exceed 2^31, so they are bigint. Booleans are integers, and JSON is text.
 */
import type { Kysely } from 'kysely'
import { accessTables } from './0001/access.ts'
import { auditTables } from './0001/audit.ts'
import { auditGuard } from './0001/audit-guard.ts'
import { baseTables } from './0001/base.ts'
import { equipmentTables } from './0001/equipment.ts'
import { fleetTables } from './0001/fleet.ts'
import { intrusionTables } from './0001/intrusions.ts'
import { modelTables } from './0001/models.ts'
import { operateTables } from './0001/operate.ts'
import { organisationUse } from './0001/organisation-use.ts'
import { peopleTables } from './0001/people.ts'
import { rolloutTables } from './0001/rollouts.ts'
import { stateTables } from './0001/states.ts'

/** A table comes after the tables that it refers to, and a trigger after the tables that it reads. */
export async function schema(db: Kysely<unknown>): Promise<void> {
  await baseTables(db)
  await peopleTables(db)
  await accessTables(db)
  await modelTables(db)
  await fleetTables(db)
  await stateTables(db)
  await rolloutTables(db)
  await operateTables(db)
  await equipmentTables(db)
  await auditTables(db)
  await intrusionTables(db)
  await organisationUse(db)
  await auditGuard(db)
}
