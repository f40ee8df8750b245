import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@skerry/platform/files/sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createCheckpoints } from './checkpoints.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-checkpoints-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function openTable() {
  const path = join(folder, 'hub.sqlite')
  const opened = openDatabase(path, [{ name: 'values', sql: 'create table pages (text text) strict' }])
  if (!opened.ok) throw new Error(opened.message)
  const { database } = opened
  const insert = database.prepare('insert into pages values (?)')
  const limits: number[] = []
  return {
    path,
    database,
    limits,
    limitPages(pages: number) {
      limits.push(pages)
      database.exec(`pragma wal_autocheckpoint = ${pages}`)
    },
    insert: () => insert.run('x'.repeat(4_000)),
    /** Pages in the journal that are not in the database file yet. */
    unmoved() {
      const { log, checkpointed } = database.prepare('pragma wal_checkpoint(noop)').get() ?? {}
      return Number(log) - Number(checkpointed)
    },
  }
}

const BUSY = { commits: 8, withinMs: 60_000 }

test('a busy hub moves its pages in a thread, and all rows are there afterwards', async () => {
  const { path, database, limits, limitPages, insert, unmoved } = openTable()
  const checkpoints = createCheckpoints({ path, limitPages, busy: BUSY })
  const write = (count: number) => {
    for (let row = 0; row < count; row++) {
      insert()
      checkpoints.committed()
    }
  }
  write(7)
  expect(checkpoints.isInThread()).toBe(false)
  write(93)
  expect(checkpoints.isInThread()).toBe(true)
  expect(limits).toEqual([16_000])
  expect(unmoved()).toBeGreaterThan(0)
  await expect.poll(unmoved).toBe(0)

  await checkpoints[Symbol.asyncDispose]()
  checkpoints.committed()
  expect(checkpoints.isInThread()).toBe(false)
  expect(database.prepare('select count(*) as count from pages').get()).toEqual({ count: 100 })
  database.close()
  expect(await readdir(folder)).toEqual(['hub.sqlite'])
})

test('a hub with few commits has no thread, and keeps the limit of SQLite', async () => {
  const { path, database, limits, limitPages } = openTable()
  await using checkpoints = createCheckpoints({ path, limitPages, busy: { commits: 8, withinMs: -1 } })
  for (let commit = 0; commit < 100; commit++) checkpoints.committed()
  expect(checkpoints.isInThread()).toBe(false)
  expect(limits).toEqual([])
  database.close()
})

test('if the thread ends, commits move the pages again, and the log says so', async () => {
  const broken = join(folder, 'broken.sqlite')
  await writeFile(broken, 'this is no database, and the thread cannot read it'.repeat(100))
  const { database, limits, limitPages } = openTable()
  const warnings: string[] = []
  const log = { warn: (event: string) => warnings.push(event) }
  await using checkpoints = createCheckpoints({ path: broken, limitPages, busy: BUSY, log })
  for (let commit = 0; commit < 8; commit++) checkpoints.committed()
  await expect.poll(() => checkpoints.isInThread()).toBe(false)
  expect(limits).toEqual([16_000, 1_000])
  expect(warnings).toEqual(['checkpoints_ended'])
  for (let commit = 0; commit < 100; commit++) checkpoints.committed()
  expect(checkpoints.isInThread()).toBe(false)
  database.close()
})
