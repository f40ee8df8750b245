import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hasPostgres, newDatabase, type PostgresCluster, sqlOn, startPostgres } from '@skerry/testkit/postgres-cluster'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cli } from '../../../../test/stage/cli.ts'

let server: PostgresCluster
let folder = ''
let url = ''
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  if (!hasPostgres) return
  server = await startPostgres()
  url = await newDatabase(server.url)
  folder = await mkdtemp(join(tmpdir(), 'skerry-backup-postgres-'))
  await mkdir(at('hub'))
  await writeFile(at('hub/authority.pem'), 'a key')
  await writeFile(at('passphrase'), 'correct horse battery\n')
  await sqlOn(
    url,
    `create table schema_versions (version integer, name text);
     insert into schema_versions values (20, 'twenty');
     create table sites (id bigint generated always as identity primary key, name text collate "C" unique, bytes bytea);
     create table devices (id integer primary key, site bigint references sites (id) on delete cascade);
     insert into sites (name, bytes) values ('hamburg', '\\x00ff'), ('Ålesund', null);
     insert into devices values (1, 1), (2, 2)`,
  )
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  if (folder !== '') await rm(folder, { recursive: true })
})

const common = (data: string) => ['--data', at(data), '--passphrase-file', at('passphrase')]
const backUp = (file: string, database = url) =>
  cli(['hub', 'backup', at(file), ...common('hub')], { env: { DATABASE_URL: database } })
const restore = (file: string, data: string, ...more: string[]) =>
  cli(['hub', 'restore', at(file), ...common(data), ...more])

const rowsOf = (database: string) =>
  sqlOn(database, 'select d.id, s.name, s.bytes from devices d join sites s on s.id = d.site order by d.id')

test.runIf(hasPostgres)('a hub with PostgreSQL is backed up and restored into an empty database', async () => {
  const made = await backUp('a.skerry')
  expect(made.code, made.err).toBe(0)
  expect((await readFile(at('a.skerry'))).includes('PGDMP')).toBe(false)
  const empty = await newDatabase(server.url)
  const restored = await restore('a.skerry', 'new', '--database-url', empty)
  expect(restored.code, restored.err).toBe(0)
  expect(await rowsOf(empty)).toEqual(['1|hamburg|\\x00ff', '2|Ålesund|'])
  // Counters and rules are there too.
  await sqlOn(empty, `insert into sites (name) values ('bergen'); delete from sites where name = 'hamburg'`)
  expect(await sqlOn(empty, 'select id from sites order by id')).toEqual(['2', '3'])
  expect(await sqlOn(empty, 'select id from devices')).toEqual(['2'])
  expect(await readdir(at('new'))).toEqual(['authority.pem'])
  expect(await readdir(at('hub')), 'no copy of the database is left').toEqual(['authority.pem'])
})

test.runIf(hasPostgres)(
  'a database with tables is not overwritten, and the address must be there and right',
  async () => {
    expect((await backUp('b.skerry')).code).toBe(0)
    expect((await restore('b.skerry', 'taken', '--database-url', url)).err).toContain('database_taken')
    expect((await restore('b.skerry', 'none')).err).toContain('give --database-url')
    expect((await restore('b.skerry', 'odd', '--database-url', 'mysql://x')).err).toContain('must be postgres://')
    const names = await readdir(folder)
    expect(names.filter((name) => /^(taken|none|odd)/.test(name))).toEqual([])
  },
)

test.runIf(hasPostgres)('a copy that cannot be made leaves no file, and shows no password', async () => {
  const wrong = Object.assign(new URL(url), { password: 'secret-of-the-plant', pathname: '/missing' }).href
  const { code, err } = await backUp('c.skerry', wrong)
  expect(code).toBe(1)
  expect(err).toContain('database_unusable')
  expect(err).not.toContain('secret-of-the-plant')
  expect((await readdir(folder)).filter((name) => name.startsWith('c.'))).toEqual([])
  expect(await readdir(at('hub'))).toEqual(['authority.pem'])
})
