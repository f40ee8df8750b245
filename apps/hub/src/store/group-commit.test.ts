import { DatabaseSync } from 'node:sqlite'
import { Kysely, type SqliteDatabase, SqliteDialect, sql } from 'kysely'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGroupCommit } from './group-commit.ts'
import type { Store, Tables, Tx } from './store.ts'

let database: DatabaseSync
let statements: string[]
let transaction: Store['transaction']
beforeEach(() => {
  database = new DatabaseSync(':memory:')
  database.exec('create table notes (text text not null)')
  database.exec(
    "create trigger fatal before insert on notes when new.text = 'fatal' begin select raise(rollback, 'gone'); end",
  )
  statements = []
  const writer = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: adapted() }),
    log: ({ query }) => void statements.push(query.sql),
  })
  transaction = createGroupCommit(writer)
})
afterEach(() => database.close())

function adapted(): SqliteDatabase {
  return {
    close() {},
    prepare(text) {
      // As in the store's own driver: if SQLite has rolled back by itself, a second rollback is skipped.
      if (text === 'rollback' && !database.isTransaction) return { reader: false, all: () => [], ...nothing }
      const statement = database.prepare(text)
      const bound = (values: readonly unknown[]) => values as string[]
      return {
        reader: statement.columns().length > 0,
        all: (values) => statement.all(...bound(values)),
        run: (values) => statement.run(...bound(values)),
        iterate: (values) => statement.iterate(...bound(values)),
      }
    },
  }
}
const nothing = { run: () => ({ changes: 0, lastInsertRowid: 0 }), iterate: () => [].values() }

const note = (text: string) => (tx: Tx) => sql`insert into notes values (${text})`.execute(tx)
const kept = () =>
  database
    .prepare('select text from notes')
    .all()
    .map(({ text }) => text)
const count = (statement: string) => statements.filter((each) => each === statement).length

test('queued transactions share one commit, in their order', async () => {
  await Promise.all(['a', 'b', 'c', 'd'].map((text) => transaction(note(text))))
  expect(kept()).toEqual(['a', 'b', 'c', 'd'])
  // The first transaction begins before there is a queue. It takes those along that arrive while it runs.
  expect(count('commit')).toBe(1)
  await transaction(note('e'))
  expect(count('commit')).toBe(2)
})

test('a group of transactions has a limited size', async () => {
  await Promise.all(Array.from({ length: 130 }, (_, index) => transaction(note(String(index)))))
  expect(kept()).toHaveLength(130)
  expect(count('commit')).toBe(3)
})

test.each([0, 1, 3])('a transaction that fails is undone alone, at any place in its group (%i)', async (place) => {
  const works = ['a', 'b', 'c', 'd'].map((text, index) => async (tx: Tx) => {
    await note(text)(tx)
    if (index === place) throw new Error('no')
  })
  const results = await Promise.allSettled(works.map((work) => transaction(work)))
  expect(results.map(({ status }) => status)).toEqual(
    [0, 1, 2, 3].map((index) => (index === place ? 'rejected' : 'fulfilled')),
  )
  expect(kept()).toEqual(['a', 'b', 'c', 'd'].filter((_, index) => index !== place))
})

test('if SQLite rolls back the whole group, all callers get the error, nothing is stored, and the next one works', async () => {
  const works = ['a', 'b', 'fatal', 'c'].map((text) => transaction(note(text)))
  const results = await Promise.allSettled(works)
  expect(results.slice(0, 3)).toMatchObject([
    { status: 'rejected', reason: { message: 'gone' } },
    { status: 'rejected', reason: { message: 'gone' } },
    { status: 'rejected', reason: { message: 'gone' } },
  ])
  expect(results[3]?.status).toBe('fulfilled')
  expect(kept()).toEqual(['c'])
})
