/**
 * Migrator: takes the database from whatever version it has to the newest, forward only, each step in one transaction. A database from a
 * newer program is refused: an older one would not know what it must keep true.
 */
import type { Kysely } from 'kysely'
import { foundation } from './migrations/0001-foundation.ts'
import { deployments } from './migrations/0002-deployments.ts'
import { sessions } from './migrations/0003-sessions.ts'
import { deviceEvents } from './migrations/0004-device-events.ts'
import { lineage } from './migrations/0005-lineage.ts'
import { evidence } from './migrations/0006-evidence.ts'
import { alertIndexes } from './migrations/0007-alert-indexes.ts'
import { pace } from './migrations/0008-pace.ts'
import { rejected } from './migrations/0009-rejected.ts'
import { batches } from './migrations/0010-batches.ts'
import { hubs } from './migrations/0011-hubs.ts'
import { incoming } from './migrations/0012-incoming.ts'
import { shadow } from './migrations/0013-shadow.ts'
import { updateWindows } from './migrations/0014-update-windows.ts'
import { hubSessions } from './migrations/0015-hub-sessions.ts'
import { secrets } from './migrations/0016-secrets.ts'
import { auditCheckpoints } from './migrations/0017-audit-checkpoints.ts'
import { people } from './migrations/0018-people.ts'
import { joining } from './migrations/0019-joining.ts'
import { expectedDevices } from './migrations/0020-expected-devices.ts'
import { twoPlaces } from './migrations/0021-two-places.ts'
import { singleSignOn } from './migrations/0022-single-sign-on.ts'
import { auditGuard } from './migrations/0023-audit-guard.ts'
import { intrusions } from './migrations/0024-intrusions.ts'
import { personalKeys } from './migrations/0025-personal-keys.ts'
import { trust } from './migrations/0026-trust.ts'
import { roles } from './migrations/0027-roles.ts'
import { approvals } from './migrations/0028-approvals.ts'
import { syslog } from './migrations/0029-syslog.ts'
import { tenants } from './migrations/0030-tenants.ts'
import { passkeys } from './migrations/0031-passkeys.ts'
import { agreedMappings } from './migrations/0032-agreed-mappings.ts'
import { auditArchives } from './migrations/0033-audit-archives.ts'
import { authorities } from './migrations/0034-authorities.ts'
import { idleLock } from './migrations/0035-idle-lock.ts'
import { deviceJournals } from './migrations/0036-device-journals.ts'
import { intrusionWebhooks } from './migrations/0037-intrusion-webhooks.ts'
import { connections } from './migrations/0038-connections.ts'
import { flows } from './migrations/0039-flows.ts'
import { telemetry } from './migrations/0040-telemetry.ts'
import { hubQueues } from './migrations/0041-hub-queues.ts'
import { waysIn } from './migrations/0042-ways-in.ts'
import { ledger } from './migrations/0043-ledger.ts'
import { leaving } from './migrations/0044-leaving.ts'
import { deviceLinks } from './migrations/0045-device-links.ts'
import { itemKinds } from './migrations/0046-item-kinds.ts'

export type Migration = { name: string; up(db: Kysely<unknown>): Promise<void> }

/** In order; the version of a database is how many of them it has. Never change one that was released. */
export const migrations: readonly Migration[] = [
  { name: '0001-foundation', up: foundation },
  { name: '0002-deployments', up: deployments },
  { name: '0003-sessions', up: sessions },
  { name: '0004-device-events', up: deviceEvents },
  { name: '0005-lineage', up: lineage },
  { name: '0006-evidence', up: evidence },
  { name: '0007-alert-indexes', up: alertIndexes },
  { name: '0008-pace', up: pace },
  { name: '0009-rejected', up: rejected as Migration['up'] },
  { name: '0010-batches', up: batches },
  { name: '0011-hubs', up: hubs },
  { name: '0012-incoming', up: incoming },
  { name: '0013-shadow', up: shadow },
  { name: '0014-update-windows', up: updateWindows },
  { name: '0015-hub-sessions', up: hubSessions },
  { name: '0016-secrets', up: secrets },
  { name: '0017-audit-checkpoints', up: auditCheckpoints },
  { name: '0018-people', up: people },
  { name: '0019-joining', up: joining },
  { name: '0020-expected-devices', up: expectedDevices },
  { name: '0021-two-places', up: twoPlaces },
  { name: '0022-single-sign-on', up: singleSignOn },
  { name: '0023-audit-guard', up: auditGuard },
  { name: '0024-intrusions', up: intrusions },
  { name: '0025-personal-keys', up: personalKeys },
  { name: '0026-trust', up: trust },
  { name: '0027-roles', up: roles },
  { name: '0028-approvals', up: approvals },
  { name: '0029-syslog', up: syslog },
  { name: '0030-tenants', up: tenants },
  { name: '0031-passkeys', up: passkeys },
  { name: '0032-agreed-mappings', up: agreedMappings },
  { name: '0033-audit-archives', up: auditArchives },
  { name: '0034-authorities', up: authorities },
  { name: '0035-idle-lock', up: idleLock },
  { name: '0036-device-journals', up: deviceJournals },
  { name: '0037-intrusion-webhooks', up: intrusionWebhooks },
  { name: '0038-connections', up: connections },
  { name: '0039-flows', up: flows },
  { name: '0040-telemetry', up: telemetry },
  { name: '0041-hub-queues', up: hubQueues },
  { name: '0042-ways-in', up: waysIn },
  { name: '0043-ledger', up: ledger },
  { name: '0044-leaving', up: leaving },
  { name: '0045-device-links', up: deviceLinks },
  { name: '0046-item-kinds', up: itemKinds },
]

export type MigrationResult =
  | { ok: true; version: number; applied: string[] }
  | { ok: false; code: 'store_newer'; message: string }

type VersionTables = { schema_versions: { version: number; name: string; applied_at_ms: number } }

/** Applies what is missing. Throws, with the migration's name, when one fails; what came before it stays. */
export async function migrate(
  db: Kysely<unknown>,
  nowMs: number,
  steps: readonly Migration[] = migrations,
): Promise<MigrationResult> {
  const current = await versionOf(db)
  if (current > steps.length) {
    const message = `the database has version ${current}, this program knows ${steps.length}; start a newer skerry, or restore an older backup`
    return { ok: false, code: 'store_newer', message }
  }
  const applied: string[] = []
  for (const [offset, step] of steps.slice(current).entries()) {
    await apply(db, step, { version: current + offset + 1, nowMs })
    applied.push(step.name)
  }
  return { ok: true, version: steps.length, applied }
}

async function apply(db: Kysely<unknown>, step: Migration, { version, nowMs }: { version: number; nowMs: number }) {
  try {
    await db.transaction().execute(async (tx) => {
      await step.up(tx)
      await tx
        .withTables<VersionTables>()
        .insertInto('schema_versions')
        .values({ version, name: step.name, applied_at_ms: nowMs })
        .execute()
    })
  } catch (cause) {
    throw new Error(`migrating the database with ${step.name}`, { cause })
  }
}

async function versionOf(db: Kysely<unknown>): Promise<number> {
  await db.schema
    .createTable('schema_versions')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at_ms', 'bigint', (column) => column.notNull())
    .execute()
  const row = await db
    .withTables<VersionTables>()
    .selectFrom('schema_versions')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst()
  return row?.version ?? 0
}
