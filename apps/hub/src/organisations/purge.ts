/**
 * Purge: deletes what a removed organisation had, in pieces, so that nobody waits behind it; after a crash it goes on where it was. What
 * stays is the audit trail with its checkpoints, which nobody can delete, and the record that they belong to.
 */
import type { OrganisationId } from '@skerry/contract/ids'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'
import { removeMember } from '../people/people-store.ts'
import type { Db, Tx } from '../store/store.ts'

/** Some 10 ms of the one writer that all others wait for. */
const ROWS_AT_ONCE = 500

/** Each takes with it what a foreign key hangs on it; what there is much of goes before what it hangs on. */
export const PURGED: readonly (readonly [table: string, key: readonly string[]])[] = [
  ['sessions', ['id_hash']],
  ['user_sessions', ['id']],
  ['logins', ['secret_hash']],
  ['keys', ['id']],
  ['invitations', ['id']],
  ['sign_in_rules', ['organisation_id']],
  ['approvals', ['id']],
  ['approval_rules', ['organisation_id']],
  ['agreed_mappings', ['organisation_id', 'provider']],
  ['roles', ['organisation_id', 'name']],
  ['intrusion_tallies', ['organisation_id', 'rule', 'subject_id']],
  ['intrusion_settings', ['organisation_id', 'rule']],
  ['intrusion_cursors', ['organisation_id']],
  ['intrusions', ['id']],
  ['intrusion_webhooks', ['organisation_id']],
  ['batch_jobs', ['batch_id', 'device_id']],
  ['batches', ['id']],
  ['rollout_members', ['rollout_id', 'device_id']],
  ['deployment_conflicts', ['deployment_id', 'device_id']],
  ['rollouts', ['id']],
  ['deployment_revisions', ['deployment_id', 'revision']],
  ['deployments', ['id']],
  ['desired_queue', ['device_id']],
  ['telemetry', ['device_id', 'signal', 'at_ms', 'stream', 'lane', 'sequence']],
  ['telemetry_signals', ['device_id', 'signal']],
  ['telemetry_streams', ['device_id', 'stream', 'lane']],
  ['telemetry_hours', ['organisation_id', 'hour']],
  ['device_events', ['device_id', 'sequence']],
  ['desired_documents', ['device_id', 'generation']],
  ['device_items', ['device_id', 'model']],
  ['device_retries', ['device_id', 'deployment_id']],
  ['device_reports', ['device_id']],
  ['device_origins', ['device_id']],
  ['device_duplicates', ['device_id']],
  ['device_secrets', ['device_id']],
  ['secrets', ['id']],
  ['device_connections', ['device_id']],
  ['connections', ['id']],
  ['expected_devices', ['id']],
  ['devices', ['id']],
  ['join_tokens', ['id']],
  ['joining_rules', ['organisation_id']],
  ['sites', ['id']],
  ['uploads', ['id']],
  ['version_parents', ['version_id', 'parent_model', 'parent_version']],
  ['version_lineages', ['version_id']],
  ['version_files', ['version_id', 'path']],
  ['versions', ['id']],
  ['aliases', ['organisation_id', 'model', 'alias']],
  ['models', ['organisation_id', 'name']],
  ['trust_policies', ['organisation_id']],
  ['signing_keys', ['organisation_id', 'key_id']],
  // The keys of its secrets: with them, what old backups hold can be read no more.
  ['data_keys', ['id']],
  ['syslog_exports', ['organisation_id']],
]

/** What stays; and what goes by ways of its own: people who may belong elsewhere, and blobs, whose bytes the collection removes. */
export const NOT_PURGED = [
  'audit_records',
  'audit_checkpoints',
  'audit_archives',
  'audit_retention',
  'organisation_use',
  'memberships',
  'blobs',
]

/** Deletes what is left of all that have been removed. Gives how many are gone for good. */
export async function purgeOrganisations(hub: Hub): Promise<number> {
  const removed = await hub.store.db
    .selectFrom('organisations')
    .select('id')
    .where('removed_at_ms', 'is not', null)
    .where('purged_at_ms', 'is', null)
    .execute()
  let purged = 0
  for (const { id } of removed) if (await purge(hub, id)) purged += 1
  return purged
}

async function purge(hub: Hub, id: OrganisationId): Promise<boolean> {
  await purgeMembers(hub, id)
  for (const [table, key] of PURGED) await purgeTable(hub, { id, table, key })
  if (!(await isHoldingNothing(hub.store.db, id))) return false
  // The name is free again; what it was stands in the trails.
  const change = { name: `removed-${id.slice('org_'.length)}`, purged_at_ms: hub.clock.nowMs() }
  await hub.store.transaction((tx) => tx.updateTable('organisations').set(change).where('id', '=', id).execute())
  return true
}

/** Whoever belongs nowhere else is forgotten. */
async function purgeMembers({ store, clock, signal }: Hub, id: OrganisationId): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const count = await store.transaction(async (tx) => {
      const members = tx.selectFrom('memberships').select('user_id').where('organisation_id', '=', id)
      const some = await members.limit(MEMBERS_AT_ONCE).execute()
      for (const { user_id } of some) await removeMember(tx, id, user_id, clock.nowMs())
      return some.length
    })
    if (count < MEMBERS_AT_ONCE) return
  }
}

/** Five statements each. */
const MEMBERS_AT_ONCE = 50

async function purgeTable(
  { store, signal }: Hub,
  { id, table, key }: { id: OrganisationId; table: string; key: readonly string[] },
): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    if ((await store.transaction((tx) => deleteSome(tx, { id, table, key }))) < ROWS_AT_ONCE) return
  }
}

async function deleteSome(
  tx: Tx,
  { id, table, key }: { id: OrganisationId; table: string; key: readonly string[] },
): Promise<number> {
  const columns = sql.join(key.map((column) => sql.ref(column)))
  const deleted = await sql`delete from ${sql.table(table)} where (${columns}) in (select ${columns}
    from ${sql.table(table)} where organisation_id = ${id} limit ${sql.lit(ROWS_AT_ONCE)})`.execute(tx)
  return Number(deleted.numAffectedRows ?? 0)
}

async function isHoldingNothing(db: Db, id: OrganisationId): Promise<boolean> {
  const blob = await db
    .selectFrom('blobs')
    .select('digest')
    .where('organisation_id', '=', id)
    .limit(1)
    .executeTakeFirst()
  return blob === undefined
}
