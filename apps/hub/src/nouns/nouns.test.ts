import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { api } from '@skerry/contract/api'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from '../store/sqlite-store.ts'
import { foldFacts, foldHandlers, listOf } from './fold-nouns.ts'
import type { Noun } from './noun.ts'
import { handlers, nounFacts, sweeps } from './nouns.ts'

const verbsOf = (table: object) =>
  Object.entries(table)
    .flatMap(([noun, group]) => Object.keys(group as object).map((verb) => `${noun}.${verb}`))
    .toSorted()

test('the nouns have a handler for each procedure of the contract, and no other', () => {
  expect(verbsOf(handlers)).toEqual(verbsOf(api))
})

test('two nouns share a noun of the API, and never a procedure, a tag or a place', () => {
  const tag = async () => undefined
  const devices = { handlers: { device: { get: {} } }, entityTags: { device: tag } } satisfies Noun
  const commands = { handlers: { device: { infer: {} } } } satisfies Noun
  expect(foldHandlers([devices, commands])).toEqual({ device: { get: {}, infer: {} } })
  expect(() => foldHandlers([devices, devices])).toThrow('two nouns contribute device.get')
  expect(() => foldFacts([devices, devices])).toThrow('two nouns contribute device')
})

test('lists follow the order of the nouns', () => {
  const nouns: Noun[] = [{ purge: [['batch_jobs', ['batch_id']]] }, {}, { purge: [['sites', ['id']]], kept: ['blobs'] }]
  expect(listOf(nouns, 'purge').map(([table]) => table)).toEqual(['batch_jobs', 'sites'])
  expect(listOf(nouns, 'kept')).toEqual(['blobs'])
})

test('no two sweeps and no two purged tables have the same name', () => {
  const names = [sweeps.map(({ name }) => name), [...nounFacts.purge.map(([table]) => table), ...nounFacts.kept]]
  for (const each of names) expect(each.filter((name, index) => each.indexOf(name) !== index)).toEqual([])
})

test('the purge empties a table before the tables that its rows refer to', async () => {
  const store = await newStore()
  const { rows } = await sql<{ child: string; parent: string }>`select m.name as child, f."table" as parent
    from sqlite_master m join pragma_foreign_key_list(m.name) f where m.type = 'table'`.execute(store.db)
  const place = new Map<string, number>(nounFacts.purge.map(([table], index) => [table, index]))
  const isLate = ({ child, parent }: { child: string; parent: string }) =>
    child !== parent && (place.get(child) ?? 0) > (place.get(parent) ?? Number.POSITIVE_INFINITY)
  expect(rows.length).toBeGreaterThan(10)
  expect(rows.filter(isLate)).toEqual([])
})

test('each purged table has the columns by which its rows are deleted', async () => {
  const store = await newStore()
  const tables = await store.db.introspection.getTables()
  const columns = new Map(tables.map(({ name, columns }) => [name, columns.map((column) => column.name)]))
  for (const [table, key] of nounFacts.purge) {
    expect(columns.get(table), table).toEqual(expect.arrayContaining(['organisation_id', ...key]))
  }
})

/** With all migrations applied. */
async function newStore() {
  const folder = await mkdtemp(join(tmpdir(), 'skerry-nouns-'))
  const opened = await openSqliteStore(join(folder, 'hub.sqlite'), 0)
  if (!opened.ok) throw new Error(opened.message)
  onTestFinished(async () => {
    await opened.store[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })
  return opened.store
}
