import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Digest } from '@skerry/contract/values/digest'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type FileSystem, nodeFileSystem } from '../files/file-system.ts'
import { digestOf, hexOf } from '../files/hash.ts'
import { type BlobEntry, type BlobFolder, openBlobFolder } from './blob-folder.ts'
import type { BlobPart } from './blob-part.ts'

const signal = new AbortController().signal
const bytes = Buffer.from('the bytes of a model')
const digest = digestOf(bytes)
let path: string
let folder: BlobFolder

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'skerry-blobs-'))
  folder = await open()
})
afterEach(() => rmSync(path, { recursive: true }))

const open = (fileSystem: FileSystem = nodeFileSystem, freeBytesMin = 0) =>
  openBlobFolder({ fileSystem, path, freeBytesMin })

async function openPart(key: string, from = folder): Promise<BlobPart> {
  const opened = await from.openPart(key, signal)
  if (!opened.ok) throw new Error(opened.message)
  return opened.part
}
async function store(content: Uint8Array, into = folder): Promise<Digest> {
  await using part = await openPart('upl_1', into)
  expect(await part.append(content, 0)).toMatchObject({ ok: true })
  const committed = await part.commit(digestOf(content))
  if (!committed.ok) throw new Error(committed.message)
  return committed.digest
}
async function listAll() {
  const entries: BlobEntry[] = []
  for await (const entry of folder.list()) entries.push(entry)
  return entries
}
const blobFile = (of: Digest) => join(path, 'sha256', hexOf(of).slice(0, 2), hexOf(of))
const read = async (of: Digest, range?: { start?: number; end?: number }) =>
  Buffer.concat(await folder.createReadStream(of, range).toArray()).toString()

test('keeps a blob under its digest, and gives all or some of its bytes', async () => {
  expect(await store(bytes)).toBe(digest)
  expect(await folder.has(digest)).toBe(true)
  expect(await folder.sizeOf(digest)).toBe(bytes.length)
  expect(folder.pathOf(digest)).toBe(blobFile(digest))
  expect(readFileSync(blobFile(digest)).equals(bytes)).toBe(true)
  expect(await read(digest)).toBe(bytes.toString())
  expect(await read(digest, { start: 4, end: 8 })).toBe('bytes')
  await using file = await folder.open(digest)
  const buffer = Buffer.alloc(5)
  expect([await file?.read(buffer, 4), buffer.toString()]).toEqual([5, 'bytes'])
  expect(await folder.listParts()).toEqual([])
})

test('knows what it has not got', async () => {
  const other = digestOf('other')
  expect([await folder.has(other), await folder.sizeOf(other), await folder.open(other)]).toEqual([
    false,
    undefined,
    undefined,
  ])
  expect(await folder.verify(other, signal)).toMatchObject({ ok: false, code: 'blob_unknown' })
  await folder.remove(other)
  await expect(folder.createReadStream(other).toArray()).rejects.toThrow('ENOENT')
})

test('lists and removes', async () => {
  const contents = Array.from({ length: 20 }, (_, index) => Buffer.from(`blob ${index}`))
  for (const content of contents) await store(content)
  writeFileSync(join(path, 'sha256', 'stray'), 'x')
  writeFileSync(join(path, 'sha256', hexOf(digestOf('blob 3')).slice(0, 2), 'stray'), 'x')
  const listed = await listAll()
  expect(listed.map((entry) => entry.digest)).toEqual(contents.map(digestOf).sort())
  expect(listed[0]?.sizeBytes).toBeGreaterThan(5)
  await folder.remove(digestOf('blob 3'))
  expect(await listAll()).toHaveLength(19)
})

test('the same bytes again are the same blob', async () => {
  await store(bytes)
  await store(bytes)
  expect(await listAll()).toHaveLength(1)
})

test('a part goes on where it was left, also after a restart', async () => {
  {
    await using part = await openPart(digest)
    expect(await part.append(bytes.subarray(0, 7), 0)).toEqual({ ok: true, sizeBytes: 7 })
  }
  folder = await open()
  expect(await folder.listParts()).toMatchObject([{ key: digest.replace(':', '-'), sizeBytes: 7 }])
  await using part = await openPart(digest)
  expect(part.sizeBytes).toBe(7)
  expect(await part.append(bytes, 0)).toMatchObject({ ok: false, code: 'upload_offset_wrong', sizeBytes: 7 })
  expect(await part.append(bytes.subarray(9), 9)).toMatchObject({ ok: false, code: 'upload_offset_wrong' })
  expect(await part.append(bytes.subarray(7), 7)).toEqual({ ok: true, sizeBytes: bytes.length })
  expect(await part.commit(digest)).toEqual({ ok: true, digest, sizeBytes: bytes.length })
})

test('bytes that are not what they should be never become a blob', async () => {
  await using part = await openPart('upl_1')
  await part.append(bytes, 0)
  expect(await part.commit(digestOf('other'))).toMatchObject({ ok: false, code: 'upload_digest_wrong' })
  expect([await folder.has(digest), await folder.listParts()]).toEqual([false, []])
})

test('a part that changed on the disk while nobody looked is found out', async () => {
  {
    await using part = await openPart('upl_1')
    await part.append(bytes.subarray(0, 10), 0)
  }
  writeFileSync(join(path, 'parts', 'upl_1'), bytes.subarray(1, 11))
  await using part = await openPart('upl_1')
  await part.append(bytes.subarray(10), 10)
  expect(await part.commit(digest)).toMatchObject({ ok: false, code: 'upload_digest_wrong' })
})

test('a part has one holder, and can be reset and discarded', async () => {
  const part = await openPart('upl_1')
  expect(await folder.openPart('upl_1', signal)).toMatchObject({ ok: false, code: 'upload_busy' })
  await expect(folder.removePart('upl_1')).rejects.toThrow('being written')
  await part.append(Buffer.from('wrong'), 0)
  await part.reset()
  expect(part.sizeBytes).toBe(0)
  await part.append(bytes, 0)
  await part.discard()
  await part.close()
  expect(await folder.listParts()).toEqual([])
  await (await openPart('upl_1')).close()
  await folder.removePart('upl_1')
  expect(await folder.listParts()).toEqual([])
})

test('no name leads out of the folder', async () => {
  for (const key of [
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\\b',
    'a\0b',
    '/etc/passwd',
    'x'.repeat(200),
    'a.b',
    'sha256:',
    'é',
  ]) {
    await expect(folder.openPart(key, signal), key).rejects.toThrow('no name for a part')
    await expect(folder.removePart(key), key).rejects.toThrow('no name for a part')
  }
  const evil = 'sha256:../../etc/passwd' as Digest
  await expect(folder.sizeOf(evil)).rejects.toThrow()
  expect(() => folder.pathOf(evil)).toThrow()
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = Digest.safeParse(text)
      expect(parsed.success && text.includes('/')).toBe(false)
    }),
  )
})

test('a damaged blob is reported, set aside, and can come again; one damaged blob is kept', async () => {
  for (const content of [bytes, Buffer.from('second')]) {
    const of = await store(content)
    writeFileSync(blobFile(of), 'rotten')
    expect(await folder.verify(of, signal)).toMatchObject({ ok: false, code: 'blob_damaged' })
    expect([await folder.has(of), readdirSync(join(path, 'quarantine'))]).toEqual([false, [hexOf(of)]])
  }
  await store(bytes)
  expect(await folder.verify(digest, signal)).toEqual({ ok: true, sizeBytes: bytes.length })
})

test('keeps its floor of free space', async () => {
  const full = await open(nodeFileSystem, Number.MAX_SAFE_INTEGER)
  expect(await full.hasRoomFor(1)).toBe(false)
  expect(await full.freeBytes()).toBeGreaterThan(0)
  await using part = await openPart('upl_1', full)
  expect(await part.append(bytes, 0)).toMatchObject({ ok: false, code: 'storage_full', sizeBytes: 0 })
})

test('a disk that fills up at any change leaves the blobs as they were, and the part goes on when there is room again', async () => {
  const kept = await store(Buffer.from('kept'))
  const big = randomBytes(100_000)
  for (let failAt = 1; ; failAt += 1) {
    const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC' })
    const outcome = await uploadInPieces(failing.fileSystem, big).catch((error: Error) => error)
    expect(await read(kept)).toBe('kept')
    if (await folder.has(digestOf(big))) expect(await folder.verify(digestOf(big), signal)).toMatchObject({ ok: true })
    expect(outcome === 'done').toBe(!failing.hasFailed())
    if (outcome === 'done') break
    expect(await uploadInPieces(nodeFileSystem, big), `after change ${failAt}`).toBe('done')
    await folder.remove(digestOf(big))
  }
})

/** Sends what is missing, piece by piece; gives `done` or the code of the refusal. */
async function uploadInPieces(fileSystem: FileSystem, content: Uint8Array): Promise<string> {
  const target = await open(fileSystem)
  if (await target.has(digestOf(content))) return 'done'
  await using part = await openPart('upl_big', target)
  while (part.sizeBytes < content.length) {
    const appended = await part.append(content.subarray(part.sizeBytes, part.sizeBytes + 30_000), part.sizeBytes)
    if (!appended.ok) return appended.code
  }
  const committed = await part.commit(digestOf(content))
  return committed.ok ? 'done' : committed.code
}

test('a blob is durable before it is visible, and its name after', async () => {
  const watched = failingFileSystem(nodeFileSystem, { failAt: Number.POSITIVE_INFINITY, code: 'EIO' })
  const target = await open(watched.fileSystem)
  const before = watched.changes.length
  await store(bytes, target)
  const changes = ['open', 'write', 'truncate', 'sync', 'makeFolder', 'syncFolder', 'rename', 'syncFolder']
  expect(watched.changes.slice(before)).toEqual(changes)
})

test('when room comes back within one connection, the same part goes on', async () => {
  const failing = failingFileSystem(nodeFileSystem, { failAt: 7, code: 'ENOSPC', after: 'works' })
  const target = await open(failing.fileSystem)
  await using part = await openPart('upl_1', target)
  expect(await part.append(bytes.subarray(0, 5), 0)).toMatchObject({ ok: true })
  expect(await part.append(bytes.subarray(5), 5)).toMatchObject({ ok: false, code: 'storage_full', sizeBytes: 5 })
  expect(await part.append(bytes.subarray(5, 9), 5)).toMatchObject({ ok: true })
  expect(await part.append(bytes.subarray(9), 9)).toMatchObject({ ok: true })
  expect(await part.commit(digest)).toMatchObject({ ok: true })
  expect(existsSync(blobFile(digest))).toBe(true)
  expect(await folder.verify(digest, signal)).toEqual({ ok: true, sizeBytes: bytes.length })
})
