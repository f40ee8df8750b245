import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { expect, test } from 'vitest'
import { type Migration, migrate, migrations } from './migrator.ts'
import { openSqliteStore } from './sqlite-store.ts'

const memory = () => {
  const database = new DatabaseSync(':memory:')
  return new Kysely<unknown>({
    dialect: new SqliteDialect({
      database: {
        close: () => database.close(),
        prepare(text) {
          const statement = database.prepare(text)
          return {
            reader: statement.columns().length > 0,
            all: (parameters) => statement.all(...(parameters as string[])),
            run: (parameters) => statement.run(...(parameters as string[])),
            iterate: (parameters) => statement.iterate(...(parameters as string[])),
          }
        },
      },
    }),
  })
}

const makes = (name: string): Migration => ({
  name,
  up: (db) => sql`create table ${sql.table(name)} (x integer)`.execute(db).then(() => undefined),
})
const fails: Migration = {
  name: 'fails',
  async up(db) {
    await sql`create table half (x integer)`.execute(db)
    await sql`select nonsense from nowhere`.execute(db)
  },
}

test('the migrator applies missing steps, in order, once', async () => {
  const db = memory()
  expect(await migrate(db, 0, [makes('a')])).toEqual({ ok: true, version: 1, applied: ['a'] })
  expect(await migrate(db, 0, [makes('a'), makes('b')])).toEqual({ ok: true, version: 2, applied: ['b'] })
  expect(await migrate(db, 0, [makes('a'), makes('b')])).toEqual({ ok: true, version: 2, applied: [] })
})

test('a step that fails is named and leaves nothing', async () => {
  const db = memory()
  await expect(migrate(db, 0, [makes('a'), fails])).rejects.toThrow('fails')
  expect(await migrate(db, 0, [makes('a'), makes('half')])).toMatchObject({ applied: ['half'] })
})

test('a database of a newer program is rejected', async () => {
  const db = memory()
  await migrate(db, 0, [makes('a'), makes('b')])
  expect(await migrate(db, 0, [makes('a')])).toMatchObject({ ok: false, code: 'store_newer' })
})

test('all steps have unique names, in the order of their numbers', () => {
  const names = migrations.map(({ name }) => name)
  expect(names).toEqual(names.toSorted())
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, index) => index + 1))
})

test('a file that is no database is named', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-migrator-'))
  const path = join(folder, 'hub.sqlite')
  await writeFile(path, 'this is a diary, not a database'.repeat(100))
  expect(await openSqliteStore(path, 0)).toMatchObject({ ok: false, code: 'database_damaged' })
  await rm(folder, { recursive: true })
})
