import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { digestOf, hexOf } from '@skerry/platform/files/hash'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { cli } from '../../../../test/stage/cli.ts'

const model = Buffer.alloc(2_500_000, 'a model of some megabytes ')
const blob = `blobs/sha256/${hexOf(digestOf(model))}`

let folder = ''
const at = (name: string) => join(folder, name)

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-backup-'))
  await mkdir(at('hub/blobs/sha256'), { recursive: true })
  await mkdir(at('hub/blobs/parts'))
  await mkdir(at('hub/staging'))
  await mkdir(at('keys'))
  const database = new DatabaseSync(at('hub/hub.sqlite'))
  database.exec('pragma journal_mode = wal; create table schema_versions (version integer, name text)')
  database.exec(`insert into schema_versions values (3, 'three'); create table things (x text)`)
  database.exec(`insert into things values ('a record that only the journal has yet')`)
  database.close()
  await writeFile(at(`hub/${blob}`), model)
  for (const path of [
    'hub/authority.pem',
    'hub/lock.sqlite',
    'hub/staging/x',
    'hub/blobs/parts/y',
    'keys/signing-key.pem',
  ]) {
    await writeFile(at(path), path)
  }
  await writeFile(at('passphrase'), 'correct horse battery\n')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const backUp = (...more: string[]) =>
  cli(['hub', 'backup', at('b.skerry'), '--data', at('hub'), '--passphrase-file', at('passphrase'), ...more])
const restore = (...more: string[]) =>
  cli(['hub', 'restore', at('b.skerry'), '--data', at('new'), '--passphrase-file', at('passphrase'), ...more])

test('a backup has the records, model files and keys of a hub; only its owner can read the file', async () => {
  const { code, err } = await backUp('--secrets', at('keys'))
  expect(code, err).toBe(0)
  expect((await stat(at('b.skerry'))).mode & 0o777).toBe(0o600)
  expect((await readFile(at('b.skerry'))).includes('a record that')).toBe(false)
  const restored = await restore('--secrets', at('new-keys'))
  expect(restored.code, restored.err).toBe(0)
  expect((await readdir(at('new'))).toSorted()).toEqual(['authority.pem', 'blobs', 'hub.sqlite'])
  expect(await readFile(at(`new/${blob}`))).toEqual(model)
  expect(await readdir(at('new-keys'))).toEqual(['signing-key.pem'])
  const database = new DatabaseSync(at('new/hub.sqlite'), { readOnly: true })
  expect(database.prepare('select x from things').get()?.x).toMatch(/^a record/)
  database.close()
  expect((await stat(at('new'))).mode & 0o777).toBe(0o700)
}, 60_000)

test('neither a backup nor a folder is overwritten, and nothing is left of a failed restore', async () => {
  expect((await backUp()).code).toBe(0)
  expect((await backUp()).err).toContain('file_unwritable')
  await mkdir(at('new'))
  await writeFile(at('new/mine'), '')
  expect((await restore()).err).toContain('folder_taken')
  await rm(at('new'), { recursive: true })
  const whole = await readFile(at('b.skerry'))
  await writeFile(at('b.skerry'), whole.subarray(0, whole.length - 5_000))
  expect((await restore()).err).toContain('backup_invalid')
  expect((await readdir(folder)).filter((name) => name.startsWith('new'))).toEqual([])
}, 60_000)

test('a short passphrase, and a folder without a hub, are rejected before anything is written', async () => {
  await writeFile(at('passphrase'), 'short\n')
  expect((await backUp()).err).toContain('12 characters')
  await writeFile(at('passphrase'), 'correct horse battery\n')
  const { err } = await cli([
    'hub',
    'backup',
    at('b.skerry'),
    '--data',
    at('keys'),
    '--passphrase-file',
    at('passphrase'),
  ])
  expect(err).toContain('--database-url')
  expect(await readdir(folder)).not.toContain('b.skerry')
})
