/** 0006: what devices said of a rollout stays in their rows, and the audit trail is found by time, actor and result. */
import { type Kysely, sql } from 'kysely'

type Tables = {
  audit_records: {
    organisation_id: string
    sequence: number
    action: string
    actor: string
    action_noun: string
    actor_id: string
    actor_name: string
  }
  rollouts: { id: string; deployment_id: string; revision: number; sequence: number }
  rollout_members: {
    rollout_id: string
    device_id: string
    sequence: number
    state: string | null
    cause: string | null
  }
  device_items: {
    device_id: string
    deployment_id: string
    target_revision: number
    state: string
    cause: string | null
  }
}

export async function evidence(db: Kysely<unknown>): Promise<void> {
  await rolloutChanges(db)
  await auditIndexes(db)
}

/** A device that went back to an older revision took what it had said with it. From now on the row keeps it. */
async function rolloutChanges(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('rollouts')
    .addColumn('sequence', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  for (const [name, type] of [
    ['state', 'text'],
    ['cause', 'text'],
  ] as const)
    await db.schema.alterTable('rollout_members').addColumn(name, type).execute()
  await db.schema
    .alterTable('rollout_members')
    .addColumn('sequence', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  // What changed after a number is one range of this index, in the order of the changes.
  await db.schema
    .createIndex('rollout_members_by_sequence')
    .on('rollout_members')
    .columns(['rollout_id', 'sequence', 'device_id'])
    .execute()
  await db
    .withTables<Tables>()
    .updateTable('rollout_members')
    .from(['device_items', 'rollouts'])
    .set({ state: sql.ref('device_items.state'), cause: sql.ref('device_items.cause') })
    .whereRef('rollouts.id', '=', 'rollout_members.rollout_id')
    .whereRef('device_items.device_id', '=', 'rollout_members.device_id')
    .whereRef('device_items.deployment_id', '=', 'rollouts.deployment_id')
    .whereRef('device_items.target_revision', '=', 'rollouts.revision')
    .execute()
}

/** A filtered trail is listed by time, so each index ends with it. The columns repeat what the record says, and no hash covers them. */
async function auditIndexes(db: Kysely<unknown>): Promise<void> {
  for (const name of ['action_noun', 'actor_id', 'actor_name']) {
    await db.schema
      .alterTable('audit_records')
      .addColumn(name, 'text', (column) => column.notNull().defaultTo(''))
      .execute()
  }
  await fillColumns(db.withTables<Tables>())
  for (const name of ['action', 'object_id'])
    await db.schema.dropIndex(`audit_records_by_organisation_id_${name}_sequence`).execute()
  for (const name of ['action', 'action_noun', 'object_id', 'actor_id', 'actor_name']) {
    await db.schema
      .createIndex(`audit_records_by_${name}`)
      .on('audit_records')
      .columns(['organisation_id', name, 'at_ms', 'sequence'])
      .execute()
  }
  const byTime = ['organisation_id', 'at_ms', 'sequence']
  await db.schema.createIndex('audit_records_by_time').on('audit_records').columns(byTime).execute()
  await db.schema
    .createIndex('audit_records_refused')
    .on('audit_records')
    .columns(byTime)
    .where(sql<boolean>`result <> 'ok'`)
    .execute()
}

/** Records that are read at once; a long trail is never held whole. */
const RECORDS = 1_000

async function fillColumns(db: Kysely<Tables>): Promise<void> {
  const organisations = await db.selectFrom('audit_records').select('organisation_id').distinct().execute()
  for (const { organisation_id } of organisations) {
    let after: number | undefined = 0
    while (after !== undefined) after = await fillSome(db, organisation_id, after)
  }
}

/** Gives the last sequence that was filled. */
async function fillSome(db: Kysely<Tables>, organisationId: string, after: number): Promise<number | undefined> {
  const rows = await db
    .selectFrom('audit_records')
    .select(['sequence', 'action', 'actor'])
    .where('organisation_id', '=', organisationId)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(RECORDS)
    .execute()
  for (const { sequence, action, actor } of rows) {
    const { id, name } = JSON.parse(actor) as { id: string; name: string }
    await db
      .updateTable('audit_records')
      .set({ action_noun: action.split('.')[0] ?? '', actor_id: id, actor_name: name })
      .where('organisation_id', '=', organisationId)
      .where('sequence', '=', sequence)
      .execute()
  }
  return rows.at(-1)?.sequence
}
