import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { migrations } from '../migrator.ts'
import { openSqliteStore } from '../sqlite-store.ts'
import type { Tx } from '../store.ts'

async function newStore() {
  const opened = await openSqliteStore(':memory:', 0)
  if (!opened.ok) throw new Error(opened.message)
  onTestFinished(() => opened.store[Symbol.asyncDispose]())
  return opened.store
}

async function rowsOf<Row>(tx: Tx, text: string): Promise<Row[]> {
  return (await sql.raw<Row>(text).execute(tx)).rows
}

const tablesOf = async (tx: Tx) =>
  (await rowsOf<{ name: string }>(tx, `select name from sqlite_master where type = 'table'`)).map(({ name }) => name)

/** Records of the hub itself, which belong to no organisation. */
const OF_THE_HUB = [
  'hub_identity',
  'hub_leader',
  'hub_sessions',
  'hub_ledger',
  'hub_encryption',
  'hub_values',
  'ended_records',
  'authorities',
  'audit_keys',
  'removed_blobs',
  'blob_removals',
  'incoming_blobs',
  'incoming_parts',
  'users',
  'user_accounts',
  'user_verifications',
  'second_factors',
  'recovery_codes',
  'passkeys',
  'known_places',
  'sign_in_failures',
  'spent_tickets',
  'organisations',
  'schema_versions',
]

test('a new database has a row for each migration, and no other', async () => {
  const store = await newStore()
  const counts = await store.transaction(async (tx) => {
    const found: [string, number][] = []
    for (const table of await tablesOf(tx)) {
      const [row] = await rowsOf<{ rows: number }>(tx, `select count(*) as rows from ${table}`)
      if (row && row.rows > 0) found.push([table, row.rows])
    }
    return found
  })
  expect(counts).toEqual([['schema_versions', migrations.length]])
})

test('every other table has a column for its organisation, or refers to a row of an organisation', async () => {
  const store = await newStore()
  const owners = await store.transaction(async (tx) => {
    const found = new Map<string, string[]>()
    for (const table of await tablesOf(tx)) {
      const references = await rowsOf<{ table: string; on_delete: string }>(tx, `pragma foreign_key_list(${table})`)
      const owning = references.filter(
        ({ table: owner, on_delete }) => owner === 'organisations' || on_delete === 'CASCADE',
      )
      found.set(
        table,
        owning.map(({ table: owner }) => owner),
      )
    }
    return found
  })
  const isOwned = (table: string): boolean =>
    (owners.get(table) ?? []).some((owner) => owner === 'organisations' || isOwned(owner))
  expect([...owners.keys()].filter((table) => !isOwned(table)).toSorted()).toEqual(OF_THE_HUB.toSorted())
})

test('a new device of a rollout begins without a try, a group and a change', async () => {
  const store = await newStore()
  const member = await store.transaction(async (tx) => {
    await sql`pragma defer_foreign_keys = on`.execute(tx)
    await sql`insert into rollout_members (organisation_id, rollout_id, device_id, wave, outcome)
      values ('org_a', 'rol_a', 'dev_a', 0, 'waiting')`.execute(tx)
    const rows = await tx.selectFrom('rollout_members').selectAll().execute()
    await tx.deleteFrom('rollout_members').execute()
    return rows[0]
  })
  expect(member).toMatchObject({ retries: 0, budget_group: '', sequence: 0, state: null, cause: null, leaving: null })
})
