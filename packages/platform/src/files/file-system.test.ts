import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeFileSystem as fs, piecesOf, systemCode } from './file-system.ts'

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

test('gives undefined, an empty list or success if a file is missing', async () => {
  const missing = join(folder, 'no', 'such')
  expect(await fs.readFile(missing)).toBeUndefined()
  expect(await fs.stat(missing)).toBeUndefined()
  expect(await fs.list(missing)).toEqual([])
  await fs.removeFile(missing)
  await expect(fs.open(missing, 'r')).rejects.toSatisfy((error) => systemCode(error) === 'ENOENT')
  await expect(fs.readFile(folder)).rejects.toSatisfy((error) => systemCode(error) === 'EISDIR')
})

test('creates, lists, renames, streams and measures', async () => {
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

test.each([
  [0, 0],
  [1, 0],
  [5, 700_001],
  [262_144, 262_143],
])('gives the pieces of a file from byte %i on, with %i bytes less at its end', async (start, less) => {
  const path = join(folder, 'pieces')
  const bytes = randomBytes(1_500_000)
  await writeFile(path, bytes)
  const end = bytes.length - 1 - less
  await using file = await fs.open(path, 'r')
  // The third piece after it overwrites a piece: copies prove that each was whole when it came.
  const copies: Uint8Array[] = []
  for await (const piece of piecesOf(file, { start, end })) copies.push(Uint8Array.from(piece))
  expect(Buffer.concat(copies).equals(bytes.subarray(start, end + 1))).toBe(true)
})

test('pieces of an empty range are none, and an end of the file ends them', async () => {
  const path = join(folder, 'short')
  await writeFile(path, 'abc')
  await using file = await fs.open(path, 'r')
  expect(await Readable.from(piecesOf(file, { start: 0, end: -1 })).toArray()).toEqual([])
  expect(Buffer.concat(await Readable.from(piecesOf(file, { start: 1, end: 9 })).toArray()).toString()).toBe('bc')
})
