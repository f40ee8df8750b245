import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DesiredItem } from '@skerry/contract/devices/desired'
import type { SourceFile } from '@skerry/inference/runtime/model-source'
import { type FileSystem, nodeFileSystem } from '@skerry/platform/files/file-system'
import { systemClock } from '@skerry/platform/process/clock'
import { beforeEach, expect, test } from 'vitest'
import { openDataDriver } from './driver.ts'

let root: string
let freeBytes: number
let isStuck: boolean

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'skerry-data-driver-'))
  freeBytes = 1_000
  isStuck = false
  await writeFile(join(root, 'table'), '12345678')
  return () => rm(root, { recursive: true })
})

const FILES = ['data.json', 'files/table.csv', 'files/deep/more.csv']

const item = {
  kind: 'data',
  name: 'prices',
  version: 3,
  digest: `sha256:${'1f'.repeat(32)}`,
  files: FILES.map((path) => ({ path, sizeBytes: 8, digest: `sha256:${'2e'.repeat(32)}` })),
} as unknown as DesiredItem

/** `missing`: the file that cannot be read. */
function open(missing?: string) {
  const fileSystem: FileSystem = {
    ...nodeFileSystem,
    async removeTree(path) {
      if (isStuck) throw new Error('a program holds the folder')
      await nodeFileSystem.removeTree(path)
    },
  }
  const sources = FILES.map(
    (name): SourceFile => ({ name, path: join(root, name === missing ? 'absent' : 'table'), seal: undefined }),
  )
  return openDataDriver({
    fileSystem,
    folder: join(root, 'kinds'),
    clock: systemClock,
    files: {
      withFiles: async (_item: DesiredItem, work: (files: readonly SourceFile[]) => Promise<never>) => work(sources),
      hasRoomFor: async (sizeBytes: number) => sizeBytes <= freeBytes,
    } as never,
  })
}

const laid = () => readdir(join(root, 'kinds', 'prices')).catch(() => [])
const signal = new AbortController().signal

test('a disk without room for all files of a version stays as it is', async () => {
  freeBytes = 15
  const driver = open()
  expect(await driver.load(item, undefined as never, signal)).toMatchObject({ ok: false, code: 'storage_full' })
  expect(driver.loaded()).toEqual([])
  expect(await laid()).toEqual([])
  freeBytes = 16
  expect(await driver.load(item, undefined as never, signal)).toEqual({ ok: true })
  expect(await laid()).toEqual(['v3-1f1f1f1f1f1f'])
})

test('a copy that fails leaves no part of the version', async () => {
  expect(await open('files/deep/more.csv').load(item, undefined as never, signal)).toMatchObject({
    code: 'data_not_laid',
  })
  expect(await laid()).toEqual([])
})

test('a version whose removal fails is known until the removal succeeds', async () => {
  const driver = open()
  await driver.load(item, undefined as never, signal)
  isStuck = true
  expect(await driver.unload(item)).toMatchObject({ ok: false })
  expect(await driver.deactivate('prices')).toMatchObject({ ok: false })
  expect(driver.loaded()).toHaveLength(1)
  isStuck = false
  expect(await driver.unload(item)).toEqual({ ok: true })
  expect(driver.loaded()).toEqual([])
  expect(await laid()).toEqual([])
})
