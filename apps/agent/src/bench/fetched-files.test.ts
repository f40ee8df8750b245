import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Digest } from '@skerry/contract/values/digest'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { expect, onTestFinished, test } from 'vitest'
import { openFetchedFiles } from './fetched-files.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest

async function setUp(present: readonly Digest[] = []) {
  const root = await mkdtemp(join(tmpdir(), 'skerry-fetched-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const removed: Digest[] = []
  const item = buildDesiredItem({ version: 1 })
  const named = { ...item, files: item.files.map((file) => ({ ...file, digest: digest('c') })) }
  const deps = {
    path: join(root, 'bench'),
    fileSystem: nodeFileSystem,
    has: async (each: Digest) => present.includes(each),
    index: { remove: async (each: Digest) => void removed.push(each), removePart: async () => true },
    named: () => [named],
  }
  return { root, removed, deps, files: openFetchedFiles(deps) }
}

test('removes what was fetched, and neither what was there nor what a record names', async () => {
  const { root, removed, files } = await setUp([digest('a')])
  await files.note([digest('a'), digest('b'), digest('b'), digest('c')])
  await files.clear()
  expect(removed).toEqual([digest('b')])
  expect(await readdir(root)).toEqual([])
})

test('the next agent removes what an agent left that was killed', async () => {
  const { removed, deps, files } = await setUp()
  await files.note([digest('b')])
  await openFetchedFiles(deps).clear()
  expect(removed).toEqual([digest('b')])
})

test('a damaged note removes no file', async () => {
  const { removed, deps, files } = await setUp()
  await mkdir(deps.path)
  await writeFile(join(deps.path, 'fetched.json'), '["sha256:')
  await files.clear()
  expect(removed).toEqual([])
})
