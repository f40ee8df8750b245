import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { expect, test } from 'vitest'
import { checkUpgrade } from './check-upgrade.ts'
import { type Migration, migrate, migrations } from './migrator.ts'
import { openSqliteStore } from './sqlite-store.ts'

const memory = () => kyselyAt(':memory:')

function kyselyAt(path: string) {
  const database = new DatabaseSync(path)
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

test('an upgrade calls its hooks before the first step and after each; a new database is no upgrade', async () => {
  const db = memory()
  const calls: string[] = []
  const hooks = {
    beforeUpgrade: async (version: number) => void calls.push(`before ${version}`),
    onApplied: ({ step, left }: { step: string; left: number }) => void calls.push(`${step}, ${left} left`),
  }
  await migrate(db, 0, [makes('a')], hooks)
  expect(calls).toEqual([])
  await migrate(db, 0, [makes('a'), makes('b'), makes('c')], hooks)
  expect(calls).toEqual(['before 1', 'b, 1 left', 'c, 0 left'])
})

test('an upgrade copies the file first, and a dry run changes nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-upgrade-'))
  const path = join(folder, 'hub.sqlite')
  const older = kyselyAt(path)
  await migrate(older, 0, migrations.slice(0, -1))
  await older.destroy()
  const said: string[] = []
  expect(await checkUpgrade({ data: folder, databaseUrl: undefined }, (text) => said.push(text))).toEqual({ ok: true })
  expect(said.join('')).toContain(migrations.at(-1)?.name)
  expect((await readdir(folder)).filter((name) => !name.startsWith('hub.sqlite'))).toEqual([])
  expect(await versionOf(path)).toBe(migrations.length - 1)
  const opened = await openSqliteStore(path, 0)
  if (opened.ok) await opened.store[Symbol.asyncDispose]()
  expect(await versionOf(path)).toBe(migrations.length)
  expect(await versionOf(`${path}.before-${migrations.length - 1}`)).toBe(migrations.length - 1)
  await rm(folder, { recursive: true })
})

async function versionOf(path: string): Promise<number> {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return Number(database.prepare('select max(version) as version from schema_versions').get()?.version)
  } finally {
    database.close()
  }
}

test('labels from before the numbers get one each, by the time of the label, for each organisation', async () => {
  const db = memory()
  const at = migrations.findIndex(({ name }) => name === '0056-label-numbers')
  await migrate(db, 0, migrations.slice(0, at))
  for (const organisation of ['org_a', 'org_b', 'org_c']) {
    await sql`insert into organisations (id, name, created_at_ms) values (${organisation}, ${organisation}, 0)`.execute(
      db,
    )
    await sql`insert into capture_salts (organisation_id, salt) values (${organisation}, '00')`.execute(db)
  }
  const labels = [
    ['org_a', 'late', 9],
    ['org_a', 'twin-2', 5],
    ['org_a', 'twin-1', 5],
    ['org_b', 'late', 1],
  ] as const
  for (const [organisation, request, labelledAtMs] of labels)
    await sql`insert into capture_labels
      (organisation_id, model, request, version, at_ms, predicted, label, labelled_at_ms, labelled_by)
      values (${organisation}, 'm', ${request}, 1, 0, '1', '1', ${labelledAtMs}, 'anna')`.execute(db)
  await migrate(db, 0, migrations.slice(0, at + 1))
  const { rows } = await sql`select organisation_id, request, sequence from capture_labels order by 1, 3`.execute(db)
  expect(rows.map((row) => Object.values(Object(row)))).toEqual([
    ['org_a', 'twin-1', 1],
    ['org_a', 'twin-2', 2],
    ['org_a', 'late', 3],
    ['org_b', 'late', 1],
  ])
  const salts = await sql`select labelled from capture_salts order by organisation_id`.execute(db)
  expect(salts.rows).toEqual([{ labelled: 3 }, { labelled: 1 }, { labelled: 0 }])
})
