/** Failures that only PostgreSQL has. The behaviour of every store is in store-conformance.test.ts. */
import { hasPostgres, newDatabase, type PostgresCluster, sqlOn, startPostgres } from '@skerry/testkit/postgres-cluster'
import { deep } from '@skerry/testkit/tier'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { migrations } from './migrator.ts'
import { openPostgresStore } from './postgres-store.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Db } from './store.ts'
import { isStoreUnavailable } from './store-errors.ts'

const log = { warn() {} }

async function open(url: string) {
  const opened = await openPostgresStore({ url, nowMs: 0, log })
  if (!opened.ok) throw new Error(opened.message)
  onTestFinished(() => opened.store[Symbol.asyncDispose]())
  return opened.store
}

describe.skipIf(!hasPostgres)('PostgreSQL', () => {
  let cluster: PostgresCluster
  beforeAll(async () => {
    cluster = await startPostgres()
  })
  afterAll(() => cluster[Symbol.asyncDispose]())

  test('hubs that start together migrate once', async () => {
    const url = await newDatabase(cluster.url)
    await Promise.all([open(url), open(url), open(url)])
    expect(await sqlOn(url, 'select count(*), max(version) from schema_versions')).toEqual([
      `${migrations.length}|${migrations.length}`,
    ])
  })

  test('every migration has the same result on PostgreSQL as on SQLite, and every text is ordered by its bytes', async () => {
    const url = await newDatabase(cluster.url)
    await open(url)
    const sqlite = await openSqliteStore(':memory:', 0)
    if (!sqlite.ok) throw new Error(sqlite.message)
    // The reader of a database in memory is a different database; the tables are in the writer's.
    const tables = await sqlite.store.transaction((tx) => tablesOfSqlite(tx))
    await sqlite.store[Symbol.asyncDispose]()
    const columns = await sqlOn(
      url,
      `select table_name, column_name from information_schema.columns where table_schema = 'public' order by 1, 2`,
    )
    expect(columns.toSorted(), 'a migration leaves other columns on PostgreSQL than on SQLite').toEqual(tables)
    const byLanguage = await sqlOn(
      url,
      `select table_name || '.' || column_name from information_schema.columns
        where table_schema = 'public' and data_type in ('text', 'character varying') and collation_name is distinct from 'C'`,
    )
    const advice =
      'these columns would be ordered by a language; add them with .addColumn(name, "text"), or in raw SQL as: text collate "C"'
    expect(byLanguage, advice).toEqual([])
  })

  test('transactions of two hubs run one after another', async () => {
    const url = await newDatabase(cluster.url)
    const stores = [await open(url), await open(url)]
    const count = async (db: Db) => (await db.selectFrom('hub_leader').selectAll().execute())[0]?.epoch ?? 0
    await stores[0]?.transaction((tx) =>
      tx.insertInto('hub_leader').values({ id: 1, epoch: 0, hub_id: 'a', since_ms: 0 }).execute(),
    )
    const raise = async (store: (typeof stores)[number]) =>
      store.transaction(async (tx) => {
        const epoch = (await count(tx)) + 1
        await tx.updateTable('hub_leader').set({ epoch }).execute()
      })
    await Promise.all(stores.flatMap((store) => Array.from({ length: 20 }, () => raise(store))))
    expect(await count((stores[0] as (typeof stores)[number]).db)).toBe(40)
  })

  test('an empty list and a text that cannot be stored break no transaction', async () => {
    const store = await open(await newDatabase(cluster.url))
    expect(await store.db.selectFrom('devices').select('id').where('id', 'in', []).execute()).toEqual([])
    await expect(sql`select ${'\0'}::text`.execute(store.db)).rejects.toMatchObject({ code: '22021' })
    expect(await store.probe()).toEqual({ ok: true })
  })

  test(
    'a restart of the server is reported as one, and the store continues',
    deep('it restarts a database; a quick test names an address where nobody answers'),
    async () => {
      const store = await open(await newDatabase(cluster.url))
      const query = () => store.db.selectFrom('organisations').select('id').execute()
      await query()
      await cluster.stop('immediate')
      expect(await query().catch((error: unknown) => isStoreUnavailable(error))).toBe(true)
      expect(
        await store
          .transaction((tx) => tx.selectFrom('organisations').select('id').execute())
          .catch(isStoreUnavailable),
      ).toBe(true)
      expect(await store.probe()).toMatchObject({ ok: false })
      await cluster.start()
      await expect.poll(() => store.probe()).toEqual({ ok: true })
      expect(await query()).toEqual([])
    },
  )

  test('the error names an unreachable address and a wrong password, without the password', async () => {
    const wrong = Object.assign(new URL(cluster.url), { password: 'hunter2' }).href
    const refused = await openPostgresStore({ url: wrong, nowMs: 0, log, patienceMs: 0 })
    expect(refused).toMatchObject({ ok: false, message: expect.stringContaining('password authentication failed') })
    const nobody = await openPostgresStore({ url: 'postgres://u:hunter2@127.0.0.1:1/x', nowMs: 0, log, patienceMs: 0 })
    expect(nobody).toMatchObject({ ok: false, code: 'database_unreachable' })
    expect(JSON.stringify([refused, nobody])).not.toContain('hunter2')
  })
})

async function tablesOfSqlite(db: Db): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select m.name || '|' || c.name as name from sqlite_master m, pragma_table_info(m.name) c
    where m.type = 'table'`.execute(db)
  return rows.map(({ name }) => name).toSorted()
}
