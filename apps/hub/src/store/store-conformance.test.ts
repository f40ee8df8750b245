/** What every store must keep true, whatever engine is behind it. Another engine joins by one more line in `engines`. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrganisationId } from '@skerry/contract/values/ids'
import { hasPostgres, newDatabase, type PostgresCluster, startPostgres } from '@skerry/testkit/postgres-cluster'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openPostgresStore } from './postgres-store.ts'
import { openSqliteStore } from './sqlite-store.ts'
import type { Db, Store, Tx } from './store.ts'

type Engine = { name: string; isThere: boolean; open(folder: string): Promise<Store> }

let cluster: PostgresCluster | undefined
const urls = new Map<string, string>()

const engines: Engine[] = [
  {
    name: 'sqlite',
    isThere: true,
    async open(folder) {
      const opened = await openSqliteStore(join(folder, 'hub.sqlite'), 0)
      if (!opened.ok) throw new Error(opened.message)
      return opened.store
    },
  },
  {
    name: 'postgresql',
    isThere: hasPostgres,
    async open(folder) {
      cluster ??= await startPostgres()
      const url = urls.get(folder) ?? (await newDatabase(cluster.url))
      urls.set(folder, url)
      const opened = await openPostgresStore({ url, nowMs: 0, log: { warn() {} } })
      if (!opened.ok) throw new Error(opened.message)
      return opened.store
    },
  },
]
afterAll(() => cluster?.[Symbol.asyncDispose]())

const letters = 'abcdefghijklmnopqrstuvwxyz'

const id = (letter: string) => OrganisationId.parse(`org_${letter.repeat(8)}`)

const add = (tx: Tx, letter: string) =>
  tx
    .insertInto('organisations')
    .values({ id: id(letter), name: letter, created_at_ms: 2 ** 41 })
    .execute()

const names = async (db: Db) =>
  (await db.selectFrom('organisations').select('name').orderBy('name').execute()).map(({ name }) => name).join('')

describe.each(engines)('$name', ({ open, isThere }) => {
  let folder: string
  let store: Store
  beforeEach(async ({ skip }) => {
    skip(!isThere, 'PostgreSQL is not installed')
    folder = await mkdtemp(join(tmpdir(), 'skerry-store-'))
    store = await open(folder)
  })
  afterEach(async () => {
    await store[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  test('keeps what a transaction did, over a restart', async () => {
    await store.transaction((tx) => add(tx, 'a'))
    await store[Symbol.asyncDispose]()
    store = await open(folder)
    expect(await names(store.db)).toBe('a')
  })

  test('keeps nothing of a transaction that throws, and goes on', async () => {
    const work = store.transaction(async (tx) => {
      await add(tx, 'a')
      throw new Error('no')
    })
    await expect(work).rejects.toThrow('no')
    await store.transaction((tx) => add(tx, 'b'))
    expect(await names(store.db)).toBe('b')
  })

  test('keeps all of many at once but the one that throws', async () => {
    const works = ['a', 'b', 'c', 'd'].map((letter) =>
      store.transaction(async (tx) => {
        await add(tx, letter)
        if (letter === 'c') throw new Error('no')
      }),
    )
    const results = await Promise.allSettled(works)
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(await names(store.db)).toBe('abd')
  })

  test('shows others nothing of a transaction before its end, and does not make them wait', async () => {
    const entered = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const work = store.transaction(async (tx) => {
      await add(tx, 'a')
      entered.resolve()
      await goOn.promise
      return names(tx)
    })
    await entered.promise
    expect(await names(store.db)).toBe('')
    goOn.resolve()
    expect(await work).toBe('a')
    expect(await names(store.db)).toBe('a')
  })

  test('runs transactions one after another, so that what one reads holds until it ends', async () => {
    const count = async (tx: Tx) => (await names(tx)).length
    const seen = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((letter) =>
        store.transaction(async (tx) => {
          const before = await count(tx)
          await add(tx, letter)
          return before
        }),
      ),
    )
    expect(seen.toSorted()).toEqual([0, 1, 2, 3, 4, 5])
  })

  test('refuses to write outside a transaction', async () => {
    const write = store.db
      .insertInto('organisations')
      .values({ id: id('a'), name: 'a', created_at_ms: 0 })
      .execute()
    await expect(write).rejects.toThrow()
  })

  test('refuses a record that refers to nothing, and two of one name', async () => {
    const orphan = store.transaction((tx) =>
      tx
        .insertInto('models')
        .values({
          organisation_id: id('z'),
          name: 'm',
          kind: 'model',
          version_counter: 1,
          created_at_ms: 0,
          removed_at_ms: null,
        })
        .execute(),
    )
    await expect(orphan).rejects.toThrow()
    await store.transaction((tx) => add(tx, 'a'))
    await expect(store.transaction((tx) => add(tx, 'a'))).rejects.toThrow()
  })

  test('keeps instants and text as they are', async () => {
    const name = '\u{1f30a} "quoted" \\ \n -- ; é'
    await store.transaction((tx) =>
      tx
        .insertInto('organisations')
        .values({ id: id('a'), name, created_at_ms: 2 ** 52 + 1 })
        .execute(),
    )
    const row = await store.db.selectFrom('organisations').selectAll().executeTakeFirst()
    expect(row).toMatchObject({ id: id('a'), name, created_at_ms: 2 ** 52 + 1 })
  })

  test('orders text by its bytes, whatever language the database is made for', async () => {
    const words = ['b', 'B', 'a', 'a-1', 'a1', 'a_', 'Z', 'é', 'z', '\u{1f30a}', '\uffff']
    await store.transaction(async (tx) => {
      for (const [index, name] of words.entries()) {
        await tx
          .insertInto('organisations')
          .values({ id: id(letters[index] ?? ''), name, created_at_ms: 0 })
          .execute()
      }
    })
    const rows = await store.db.selectFrom('organisations').select('name').orderBy('name').execute()
    const byBytes = words.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    expect(rows.map(({ name }) => name)).toEqual(byBytes)
    const after = await store.db.selectFrom('organisations').select('name').where('name', '>', 'a').execute()
    expect(after.length).toBe(byBytes.length - byBytes.indexOf('a') - 1)
  })

  test('counts and sums in numbers', async () => {
    await store.transaction((tx) => add(tx, 'a'))
    const row = await store.db
      .selectFrom('organisations')
      .select(({ fn }) => [
        fn.countAll<number>().as('count'),
        fn.sum<number>('created_at_ms').as('sum'),
        fn.max('created_at_ms').as('max'),
      ])
      .executeTakeFirst()
    expect(row).toEqual({ count: 1, sum: 2 ** 41, max: 2 ** 41 })
  })

  test('says that it can be written', async () => {
    expect(await store.probe()).toEqual({ ok: true })
  })
})
