import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addColumn, type Migration, openDatabase, transaction } from './sqlite.ts'

const migrations: Migration[] = [
  {
    name: 'items',
    sql: 'CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT -- with a comment',
  },
  {
    name: 'parts',
    sql: 'CREATE TABLE part (item INTEGER NOT NULL REFERENCES item) STRICT; CREATE INDEX part_item ON part (item)',
  },
]
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-sqlite-'))
  path = join(folder, 'agent.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

function open(list = migrations): DatabaseSync {
  const opened = openDatabase(path, list)
  if (!opened.ok) throw new Error(opened.message)
  return opened.database
}
const names = (database: DatabaseSync) =>
  database
    .prepare('SELECT name FROM item ORDER BY id')
    .all()
    .map((row) => row.name)

test('is durable by default, and strict about keys and types', () => {
  const database = open()
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]
  expect([pragma('journal_mode'), pragma('synchronous'), pragma('foreign_keys'), pragma('user_version')]).toEqual([
    'wal',
    2,
    1,
    2,
  ])
  expect(() => database.exec('INSERT INTO part VALUES (9)')).toThrow(/FOREIGN KEY/)
  expect(() => database.exec("INSERT INTO part VALUES ('x')")).toThrow(/INTEGER/)
  database.close()
})

test('applies each migration once, in order', () => {
  const old = open(migrations.slice(0, 1))
  old.exec("INSERT INTO item (name) VALUES ('kept')")
  old.close()
  const database = open()
  expect(names(database)).toEqual(['kept'])
  database.exec('INSERT INTO part VALUES (1)')
  database.close()
  open().close()
})

test('a migration that fails changes nothing, and is named', () => {
  open(migrations.slice(0, 1)).close()
  const broken = { name: 'broken', sql: 'CREATE TABLE half (x INTEGER) STRICT; CREATE TABLE item (y INTEGER)' }
  expect(() => open([...migrations.slice(0, 1), broken])).toThrow(`opening the database ${path}`)
  open().close()
})

test('a database of a newer program is left alone', () => {
  open([...migrations, { name: 'future', sql: 'CREATE TABLE future (x INTEGER) STRICT' }]).close()
  expect(openDatabase(path, migrations)).toMatchObject({
    ok: false,
    code: 'database_too_new',
    message: expect.stringContaining(path),
  })
})

test('a column that is added without a version is there once, and an earlier program still opens the database', () => {
  const database = open()
  for (let start = 0; start < 2; start++) addColumn(database, { table: 'item', name: 'note', type: 'TEXT' })
  database.exec("INSERT INTO item (name, note) VALUES ('new', 'x')")
  database.close()
  const earlier = open()
  earlier.exec("INSERT INTO item (name) VALUES ('earlier')")
  expect(earlier.prepare('SELECT note FROM item ORDER BY id').all()).toEqual([{ note: 'x' }, { note: null }])
  earlier.close()
})

test('a transaction has the write lock from its start', () => {
  const database = open()
  const other = open()
  other.exec('PRAGMA busy_timeout = 0')
  transaction(database, () => {
    expect(() => other.exec("INSERT INTO item (name) VALUES ('a')")).toThrow(/locked/)
  })
  other.exec("INSERT INTO item (name) VALUES ('a')")
  for (const each of [database, other]) each.close()
})

test('a transaction happens whole or not at all', () => {
  const database = open()
  expect(transaction(database, () => database.prepare("INSERT INTO item (name) VALUES ('a')").run().changes)).toBe(1)
  const failing = () =>
    transaction(database, () => {
      database.exec("INSERT INTO item (name) VALUES ('b')")
      database.exec("INSERT INTO item (name) VALUES ('a')")
    })
  expect(failing).toThrow(/UNIQUE/)
  expect(names(database)).toEqual(['a'])
  database.close()
})

test.each<[string, () => void]>([
  ['is no database', () => writeFileSync(path, 'x'.repeat(5000))],
  [
    'lost its middle',
    () => {
      const database = open()
      transaction(database, () => {
        for (let i = 0; i < 5000; i += 1) database.exec(`INSERT INTO item (name) VALUES ('name ${i}')`)
      })
      database.close()
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0xaa, 4096 * 3, 4096 * 5))
    },
  ],
  [
    'was cut short',
    () => {
      const database = open()
      transaction(database, () => {
        for (let i = 0; i < 5000; i += 1) database.exec(`INSERT INTO item (name) VALUES ('name ${i}')`)
      })
      database.close()
      writeFileSync(path, readFileSync(path).subarray(0, 4096 * 4 + 100))
    },
  ],
])('a file that %s is reported as damaged', (_, damage) => {
  damage()
  const opened = openDatabase(path, migrations)
  expect(opened).toMatchObject({ ok: false, code: 'database_damaged', message: expect.stringContaining(path) })
})
