import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeFileSystem as fs, systemCode } from './file-system.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skerry-files-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

test('reads back what it wrote, at any position', async () => {
  const path = join(folder, 'a')
  {
    await using file = await fs.open(path, 'wx', 0o600)
    await file.write(Buffer.from('hello world'), 0)
    await file.write(Buffer.from('W'), 6)
    await file.truncate(9)
    await file.sync()
    expect(await file.sizeBytes()).toBe(9)
  }
  await using file = await fs.open(path, 'r')
  const buffer = Buffer.alloc(20)
  expect(await file.read(buffer, 3)).toBe(6)
  expect(buffer.toString('utf8', 0, 6)).toBe('lo Wor')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  await expect(fs.open(path, 'wx')).rejects.toSatisfy((error) => systemCode(error) === 'EEXIST')
})

test('says undefined, nothing or fine where a file is missing', async () => {
  const missing = join(folder, 'no', 'such')
  expect(await fs.readFile(missing)).toBeUndefined()
  expect(await fs.stat(missing)).toBeUndefined()
  expect(await fs.list(missing)).toEqual([])
  await fs.removeFile(missing)
  await expect(fs.open(missing, 'r')).rejects.toSatisfy((error) => systemCode(error) === 'ENOENT')
  await expect(fs.readFile(folder)).rejects.toSatisfy((error) => systemCode(error) === 'EISDIR')
})

test('makes, lists, renames, streams and measures', async () => {
  await fs.makeFolder(join(folder, 'x/y'))
  await fs.makeFolder(join(folder, 'x/y'))
  for (const name of ['b', 'a']) {
    await using file = await fs.open(join(folder, 'x/y', name), 'w')
    await file.write(Buffer.from(name.repeat(5)), 0)
  }
  await fs.rename(join(folder, 'x/y/a'), join(folder, 'x/y/c'))
  await fs.syncFolder(join(folder, 'x/y'))
  expect(await fs.list(join(folder, 'x/y'))).toEqual(['b', 'c'])
  expect(await fs.stat(join(folder, 'x/y/c'))).toMatchObject({ sizeBytes: 5, isFile: true })
  expect(await fs.createReadStream(join(folder, 'x/y/c'), { start: 1, end: 2 }).toArray()).toEqual([Buffer.from('aa')])
  expect(await fs.freeBytes(folder)).toBeGreaterThan(0)
})
