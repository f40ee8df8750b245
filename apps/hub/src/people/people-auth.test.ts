import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrganisationId, SessionId, UserId } from '@skerry/contract/values/ids'
import { hasPostgres, newDatabase, startPostgres } from '@skerry/testkit/postgres-cluster'
import { getAuthTables } from 'better-auth/db'
import { afterAll, describe, expect, test } from 'vitest'
import { openPostgresStore } from '../store/postgres-store.ts'
import { openSqliteStore } from '../store/sqlite-store.ts'
import type { Store } from '../store/store.ts'
import { authOptions, openPeopleAuth } from './people-auth.ts'

const resources = new AsyncDisposableStack()
afterAll(() => resources.disposeAsync())

const engines: { name: string; isThere: boolean; open: () => Promise<Store> }[] = [
  { name: 'sqlite', isThere: true, open: openSqlite },
  { name: 'postgresql', isThere: hasPostgres, open: openPostgres },
]

async function openSqlite(): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-people-'))
  resources.defer(() => rm(folder, { recursive: true }))
  const opened = await openSqliteStore(join(folder, 'hub.sqlite'), 0)
  if (!opened.ok) throw new Error(opened.message)
  return resources.use(opened.store)
}

async function openPostgres(): Promise<Store> {
  const cluster = resources.use(await startPostgres())
  const opened = await openPostgresStore({ url: await newDatabase(cluster.url), nowMs: 0, log: { warn() {} } })
  if (!opened.ok) throw new Error(opened.message)
  return resources.use(opened.store)
}

const userId = UserId.parse('usr_aaaaaaaa')
const ids = { session: () => SessionId.parse('ses_aaaaaaaa'), secret: () => 'secret' }
const organisationId = OrganisationId.parse('org_aaaaaaaa')
const session = {
  token: 'hash',
  organisationId,
  method: 'password',
  isMultiFactor: 0,
  createdAt: new Date(0),
  expiresAt: new Date(2 ** 42),
}

/** Columns of Skerry beside those of better-auth, which have defaults. */
const OWN_COLUMNS: Record<string, string[]> = {
  users: ['links_by_address', 'vouched_by'],
  user_sessions: ['enrolled_in'],
}

describe.each(engines)('$name', ({ isThere, open }) => {
  test.skipIf(!isThere)('has each table and column that better-auth looks for, and keeps what it writes', async () => {
    const store = await open()
    const tables = await store.db.introspection.getTables()
    const columnsOf = (name: string) =>
      tables.find((table) => table.name === name)?.columns.map((column) => column.name)
    for (const { modelName, fields } of Object.values(getAuthTables(authOptions(store.db, 'x'.repeat(32), ids)))) {
      const expected = Object.entries(fields).map(([name, { fieldName }]) => fieldName ?? name)
      const own = OWN_COLUMNS[modelName] ?? []
      expect(columnsOf(modelName)?.toSorted(), modelName).toEqual(['id', ...expected, ...own].toSorted())
    }
    const auth = await openPeopleAuth(store, { records: Buffer.alloc(32) }, ids)
    await store.transaction((tx) =>
      auth.within(tx, async (records) => {
        await tx.insertInto('organisations').values({ id: organisationId, name: 'a', created_at_ms: 0 }).execute()
        await records.createUser(
          { id: userId, email: 'Ann@Example.com', name: 'Ann', emailVerified: true },
          { method: 'email-password' },
        )
        await records.createSession(userId, false, session, true)
      }),
    )
    const user = await store.db.selectFrom('users').selectAll().executeTakeFirst()
    expect(user).toMatchObject({ id: userId, email: 'ann@example.com', email_verified: 1 })
    const row = await store.db.selectFrom('user_sessions').selectAll().executeTakeFirst()
    expect(row).toMatchObject({ id: 'ses_aaaaaaaa', token: 'hash', created_at: new Date(0).toISOString() })
  })

  test.skipIf(!isThere)('keeps nothing of a transaction that fails, and writes nothing without one', async () => {
    const store = await open()
    const auth = await openPeopleAuth(store, { records: Buffer.alloc(32) }, ids)
    const failing = store.transaction((tx) =>
      auth.within(tx, async (records) => {
        await records.createUser({ id: userId, email: 'ann@example.com', name: 'Ann' }, { method: 'email-password' })
        throw new Error('no')
      }),
    )
    await expect(failing).rejects.toThrow('no')
    expect(await store.db.selectFrom('users').selectAll().execute()).toEqual([])
  })
})
