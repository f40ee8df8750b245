import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { expect, test } from 'vitest'
import { clearSecretFiles } from '../secrets/secret-files.ts'
import { openWipe } from './wipe.ts'

/** What an agent has after a while, and a link out of its folder. */
async function inhabited(): Promise<{ data: string; outside: string } & AsyncDisposable> {
  const root = await mkdtemp(join(tmpdir(), 'skerry-wipe-'))
  const data = join(root, 'data')
  const outside = join(root, 'outside.onnx')
  await mkdir(join(data, 'blobs', 'sha256'), { recursive: true })
  await mkdir(join(data, 'versions', 'm-1'), { recursive: true })
  await writeFile(outside, 'somebody else’s')
  await symlink(outside, join(data, 'versions', 'm-1', 'model.onnx'))
  const files = [
    'device-key.pem',
    'identity.json',
    'agent.sqlite',
    'agent.sqlite-wal',
    'lock.sqlite',
    'blobs/sha256/aa',
  ]
  for (const file of files) await writeFile(join(data, file), file)
  return { data, outside, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) }
}

const HAD = ['agent.sqlite', 'agent.sqlite-wal', 'blobs', 'device-key.pem', 'identity.json', 'versions']

const elsewhere = () => Promise.resolve()

test('only what says so is left, and links are not followed', async () => {
  await using place = await inhabited()
  const wipe = openWipe(nodeFileSystem, place.data)
  expect(await wipe.state()).toBe('none')
  await wipe.begin()
  expect(await wipe.state()).toBe('begun')
  await wipe.finish(elsewhere)
  expect(await wipe.state()).toBe('done')
  expect(await readdir(place.data)).toEqual(['lock.sqlite', 'wiped.json'])
  expect(await nodeFileSystem.stat(place.outside)).toBeDefined()
})

test('cut at any change it goes on at the next start, the key is gone before anything else, and done means done', async () => {
  for (let failAt = 1; ; failAt++) {
    await using place = await inhabited()
    const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'EIO' })
    const cut = openWipe(failing.fileSystem, place.data)
    await cut
      .begin()
      .then(() => cut.finish(elsewhere))
      .catch(() => undefined)
    const left = await readdir(place.data)
    const again = openWipe(nodeFileSystem, place.data)
    const state = await again.state()
    if (state === 'none') expect(left).toContain('device-key.pem')
    if (HAD.some((name) => !left.includes(name))) expect(left).not.toContain('device-key.pem')
    if (state === 'done') expect(left).toEqual(['lock.sqlite', 'wiped.json'])
    await again.begin()
    await again.finish(elsewhere)
    expect((await readdir(place.data)).filter((name) => !name.endsWith('.tmp'))).toEqual(['lock.sqlite', 'wiped.json'])
    if (!failing.hasFailed()) break
  }
})

test('what cannot be deleted elsewhere is tried again: only then is it done', async () => {
  await using place = await inhabited()
  const wipe = openWipe(nodeFileSystem, place.data)
  await wipe.begin()
  await expect(wipe.finish(() => Promise.reject(new Error('read-only')))).rejects.toThrow('read-only')
  expect(await wipe.state()).toBe('begun')
  await wipe.finish(elsewhere)
  expect(await wipe.state()).toBe('done')
})

test('secrets that were laid out are taken away, and a folder of somebody else’s is left alone', async () => {
  await using place = await inhabited()
  const ours = join(place.data, 'ours')
  const others = join(place.data, 'others')
  for (const folder of [ours, others]) {
    await mkdir(folder)
    await writeFile(join(folder, 'db-password'), 'hunter2')
  }
  await writeFile(join(ours, '.skerry-secrets'), '')
  for (const folder of [ours, others, join(place.data, 'none')]) await clearSecretFiles(nodeFileSystem, folder)
  expect(await readdir(ours)).toEqual(['.skerry-secrets'])
  expect(await readdir(others)).toEqual(['db-password'])
})

test('a record that somebody has spoilt spares nothing', async () => {
  await using place = await inhabited()
  await writeFile(join(place.data, 'wiped.json'), '{')
  expect(await openWipe(nodeFileSystem, place.data).state()).toBe('begun')
})
