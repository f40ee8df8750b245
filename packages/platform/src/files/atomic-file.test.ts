import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readIfPresent, removeLeftovers, writeAtomic } from './atomic-file.ts'
import { nodeFileSystem } from './file-system.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-atomic-'))
  path = join(folder, 'state.json')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('writes, replaces, reads, and leaves nothing else behind', async () => {
  expect(await readIfPresent(nodeFileSystem, path)).toBeUndefined()
  await writeAtomic(nodeFileSystem, path, 'one')
  await writeAtomic(nodeFileSystem, path, Buffer.from('two'), 0o600)
  expect(Buffer.from((await readIfPresent(nodeFileSystem, path)) ?? []).toString()).toBe('two')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['state.json'])
})

test.each(['fails', 'works'] as const)(
  'holds old or new, whichever change fails, when what follows %s',
  async (after) => {
    const seen: string[] = []
    for (let failAt = 1; ; failAt += 1) {
      writeFileSync(path, 'old')
      const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC', after })
      const failed = await writeAtomic(failing.fileSystem, path, 'new').then(
        () => false,
        () => true,
      )
      expect(failed).toBe(failing.hasFailed())
      if (!failed) break
      seen.push(readFileSync(path, 'utf8'))
      await removeLeftovers(nodeFileSystem, folder)
      expect(readdirSync(folder)).toEqual(['state.json'])
    }
    expect(readFileSync(path, 'utf8')).toBe('new')
    // Only the folder's sync comes after the change.
    expect(seen).toEqual(['old', 'old', 'old', 'old', 'new'])
  },
)

test('the bytes are durable before the name moves, and the name after', async () => {
  const watched = failingFileSystem(nodeFileSystem, { failAt: Number.POSITIVE_INFINITY, code: 'EIO' })
  await writeAtomic(watched.fileSystem, path, 'new')
  expect(watched.changes).toEqual(['open', 'write', 'sync', 'rename', 'syncFolder'])
})

test('removes its own leftovers only', async () => {
  for (const name of ['.state.json.0123456789ab.tmp', '.hidden', 'x.tmp', '.x.tmp'])
    writeFileSync(join(folder, name), '')
  expect(await removeLeftovers(nodeFileSystem, folder)).toEqual(['.state.json.0123456789ab.tmp'])
  expect(readdirSync(folder).sort()).toEqual(['.hidden', '.x.tmp', 'x.tmp'])
})

test('writers at once do not mix', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000))
  await Promise.all(texts.map((text) => writeAtomic(nodeFileSystem, path, text)))
  expect(texts).toContain(readFileSync(path, 'utf8'))
  expect(readdirSync(folder)).toEqual(['state.json'])
})
