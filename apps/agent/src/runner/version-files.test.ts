import { link, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Scaling } from '@skerry/contract/scaling/scaling'
import { hexOf } from '@skerry/platform/files/hash'
import { buildDesiredItem } from '@skerry/testkit/simulation/desired-item'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunnerAnswer } from './runner-message.ts'
import { openVersionFiles } from './version-files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'version-files-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** Loads a model whose weights lie beside it, and returns the folder of its version. */
async function loaded(scaling: Scaling | undefined, answer: RunnerAnswer): Promise<string> {
  const blob = join(folder, 'blob')
  await writeFile(blob, 'weights')
  await link(blob, join(folder, 'second-name'))
  const item = buildDesiredItem({ version: 1, ...(scaling && { serving: { scaling } }) })
  const [model] = item.files
  if (!model) throw new Error('an item has a file')
  const files = openVersionFiles(join(folder, 'versions'), {
    fileOf: async () => ({ path: blob, seal: undefined }),
    whileStill: (work) => work(),
    hasRoomFor: async () => true,
  })
  await files.withOwnFiles({ ...item, files: [model, { ...model, path: 'weights.bin' }] }, async () => answer)
  return join(folder, 'versions', hexOf(item.digest))
}

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const policy = (min: number, max: number) => Scaling.parse({ min, max, target: { metric: 'concurrency', value: 1 } })

test('own files stay for a policy that starts workers later, and each has one name', async () => {
  const kept = await loaded(policy(0, 2), { ok: true })
  const weights = join(kept, 'weights.bin')
  expect(await readFile(weights, 'utf8')).toBe('weights')
  expect((await stat(weights)).nlink).toBe(1)
})

test.each([
  ['a number of workers that is fixed', undefined, { ok: true }],
  ['a policy that only measures', policy(1, 1), { ok: true }],
  ['a failed load', policy(0, 2), { ok: false, code: 'model_load_failed', message: 'no' }],
] as const)('own files go after %s', async (_, scaling, answer) => {
  expect(await isThere(await loaded(scaling, answer))).toBe(false)
})

test('the room for own files is checked at each load, because other files may make room meanwhile', async () => {
  const blob = join(folder, 'blob')
  await writeFile(blob, 'weights')
  let free = 0
  const asked: number[] = []
  const files = openVersionFiles(join(folder, 'versions'), {
    fileOf: async () => ({ path: blob, seal: undefined }),
    whileStill: (work) => work(),
    hasRoomFor: async (sizeBytes) => asked.push(sizeBytes) > 0 && sizeBytes <= free,
  })
  const item = buildDesiredItem({ version: 1 })
  const [model] = item.files
  if (!model) throw new Error('an item has a file')
  const load = () =>
    files.withOwnFiles({ ...item, files: [model, { ...model, path: 'weights.bin' }] }, async () => ({ ok: true }))
  const first = await load()
  // A file system with reflinks needs no room.
  expect(first.ok).toBe(asked.length === 0)
  free = 7
  expect(await load()).toEqual({ ok: true })
})
