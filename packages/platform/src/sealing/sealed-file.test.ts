import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Digest } from '@skerry/contract/values/digest'
import { failingFileSystem } from '@skerry/testkit/faults/failing-file-system'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type BlobFolder, openBlobFolder } from '../blobs/blob-folder.ts'
import { type FileSystem, nodeFileSystem } from '../files/file-system.ts'
import { digestOf, hexOf } from '../files/hash.ts'
import { openSealedFile, resumeSealedFile } from './sealed-file.ts'
import {
  CHUNK_BYTES,
  chunkAt,
  fileSealOf,
  generateSealKey,
  HEADER_BYTES,
  plainSizeOf,
  SealBroken,
  type SealKey,
  sealedSizeOf,
} from './sealed-format.ts'
import { readSealedFile } from './sealed-read.ts'

const signal = new AbortController().signal
const key = generateSealKey()
const plain = randomBytes(3 * CHUNK_BYTES + 1_000)
const digest = digestOf(plain)
let path: string
beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'skerry-sealed-'))
})
afterEach(() => rmSync(path, { recursive: true }))

const open = (keys: [SealKey, ...SealKey[]] = [key], fileSystem: FileSystem = nodeFileSystem): Promise<BlobFolder> =>
  openBlobFolder({
    fileSystem,
    path,
    freeBytesMin: 0,
    form: {
      open: (file, of) => openSealedFile(file, keys, of),
      resume: (file, whole) => resumeSealedFile(file, keys, whole),
      plainSizeOf,
      isDamage: (error) => error instanceof SealBroken,
    },
  })

const fileOf = (of: Digest) => join(path, 'sha256', hexOf(of).slice(0, 2), hexOf(of))

/** Writes what is missing, in pieces; gives whether the blob is there now. */
async function store(folder: BlobFolder, bytes: Uint8Array, { piece = 50_000, until = bytes.length } = {}) {
  const of = digestOf(bytes)
  const opened = await folder.openPart(of, signal, bytes.length)
  if (!opened.ok) throw new Error(opened.message)
  await using part = opened.part
  const begunAt = part.sizeBytes
  while (part.sizeBytes < until) {
    const next = bytes.subarray(part.sizeBytes, Math.min(until, part.sizeBytes + piece))
    if (!(await part.append(next, part.sizeBytes)).ok) return { isWhole: false, begunAt }
  }
  return { isWhole: until === bytes.length && (await part.commit(of)).ok, begunAt }
}

async function readAll(folder: BlobFolder, of: Digest, length: number): Promise<Buffer> {
  await using file = await folder.open(of)
  const buffer = Buffer.alloc(length)
  await file?.read(buffer, 0)
  return buffer
}

test.each([0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])(
  'keeps %i bytes, and gives them back',
  async (size) => {
    const bytes = randomBytes(size)
    const of = digestOf(bytes)
    const folder = await open()
    expect(await store(folder, bytes)).toMatchObject({ isWhole: true })
    expect(readFileSync(fileOf(of))).toHaveLength(sealedSizeOf(size))
    expect(await folder.sizeOf(of)).toBe(size)
    expect(await folder.verify(of, signal)).toEqual({ ok: true, sizeBytes: size })
    expect((await readAll(folder, of, size)).equals(bytes)).toBe(true)
    const header = readFileSync(fileOf(of)).subarray(0, HEADER_BYTES)
    expect(Buffer.from(readSealedFile(fileOf(of), fileSealOf([key], header, of))).equals(bytes)).toBe(true)
  },
)

test('no two files of the same bytes are alike, and none holds them', async () => {
  const bytes = Buffer.alloc(CHUNK_BYTES * 2, 'planted')
  await store(await open(), bytes)
  const first = readFileSync(fileOf(digestOf(bytes)))
  expect(first.includes('planted')).toBe(false)
  expect(first.subarray(chunkAt(0), chunkAt(1)).equals(first.subarray(chunkAt(1), chunkAt(2)))).toBe(false)
  rmSync(fileOf(digestOf(bytes)))
  await store(await open(), bytes)
  expect(readFileSync(fileOf(digestOf(bytes))).equals(first)).toBe(false)
})

test('gives some bytes from anywhere', async () => {
  const folder = await open()
  await store(folder, plain)
  await fc.assert(
    fc.asyncProperty(fc.nat(plain.length), fc.nat(CHUNK_BYTES * 2), async (from, length) => {
      await using file = await folder.open(digest)
      const buffer = Buffer.alloc(length)
      const found = await file?.read(buffer, from)
      expect(found).toBe(Math.min(length, plain.length - from))
      expect(buffer.subarray(0, found).equals(plain.subarray(from, from + length))).toBe(true)
    }),
    { numRuns: 30 },
  )
})

const other = randomBytes(plain.length)

/** What somebody may do to a file that they can write, but not read. */
const TAMPERED: [string, (file: Buffer) => Buffer | Promise<Buffer>][] = [
  ...[
    ['the magic', 0],
    ['the name of the key', 9],
    ['the salt', 20],
    ['the size', HEADER_BYTES - 1],
    ['a nonce', chunkAt(1)],
    ['a ciphertext', chunkAt(1) + 5_000],
    ['a tag', chunkAt(2) - 1],
    ['the last byte', sealedSizeOf(plain.length) - 1],
  ].map(([what, at]): [string, (file: Buffer) => Buffer] => [
    `a flipped bit in ${what}`,
    (file) => {
      file[Number(at)] = (file[Number(at)] ?? 0) ^ 1
      return file
    },
  ]),
  ['a missing last byte', (file) => file.subarray(0, -1)],
  ['a missing last chunk', (file) => file.subarray(0, chunkAt(3))],
  ['missing chunks but the first', (file) => file.subarray(0, chunkAt(1))],
  ['nothing but a header', (file) => file.subarray(0, HEADER_BYTES)],
  ['nothing at all', () => Buffer.alloc(0)],
  ['a byte too many', (file) => Buffer.concat([file, Buffer.from('x')])],
  [
    'two chunks in each other’s place',
    (file) =>
      Buffer.concat([
        file.subarray(0, chunkAt(0)),
        file.subarray(chunkAt(1), chunkAt(2)),
        file.subarray(chunkAt(0), chunkAt(1)),
        file.subarray(chunkAt(2)),
      ]),
  ],
  [
    'one chunk twice',
    (file) =>
      Buffer.concat([file.subarray(0, chunkAt(1)), file.subarray(chunkAt(0), chunkAt(1)), file.subarray(chunkAt(2))]),
  ],
  [
    'a chunk of another file under the same key',
    async (file) => {
      await store(await open(), other)
      const foreign = readFileSync(fileOf(digestOf(other)))
      return Buffer.concat([
        file.subarray(0, chunkAt(1)),
        foreign.subarray(chunkAt(1), chunkAt(2)),
        file.subarray(chunkAt(2)),
      ])
    },
  ],
  [
    'another file under the same key',
    async () => {
      await store(await open(), other)
      return readFileSync(fileOf(digestOf(other)))
    },
  ],
  ['the plain bytes', () => plain],
]

test.each(TAMPERED)('%s is found, set aside, and the blob can come again', async (_, tamper) => {
  const folder = await open()
  await store(folder, plain)
  const header = readFileSync(fileOf(digest)).subarray(0, HEADER_BYTES)
  writeFileSync(fileOf(digest), await tamper(readFileSync(fileOf(digest))))
  const changed = readFileSync(fileOf(digest)).subarray(0, HEADER_BYTES)
  const readAtOnce = () =>
    readSealedFile(fileOf(digest), fileSealOf([key], changed.length === HEADER_BYTES ? changed : header, digest))
  expect(readAtOnce).toThrow(SealBroken)
  expect(await folder.verify(digest, signal)).toMatchObject({ ok: false, code: 'blob_damaged' })
  expect(existsSync(fileOf(digest))).toBe(false)
  expect(await store(folder, plain)).toMatchObject({ isWhole: true })
  expect(await folder.verify(digest, signal)).toMatchObject({ ok: true })
})

test('another key opens nothing, and an older one that is known still does', async () => {
  await store(await open(), plain)
  const newer = generateSealKey()
  expect(await (await open([newer, key])).verify(digest, signal)).toMatchObject({ ok: true })
  expect(await (await open([{ id: key.id, key: newer.key }])).verify(digest, signal)).toMatchObject({
    code: 'blob_damaged',
  })
})

test('a part that was cut at any byte goes on from its last whole chunk', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(sealedSizeOf(plain.length)),
      fc.integer({ min: 20_000, max: 2 * CHUNK_BYTES }),
      async (cutAt, piece) => {
        const folder = await open()
        await store(folder, plain, { piece, until: plain.length - 1 })
        const part = join(path, 'parts', digest.replace(':', '-'))
        writeFileSync(part, readFileSync(part).subarray(0, cutAt))
        const { isWhole, begunAt } = await store(await open(), plain, { piece })
        expect(isWhole).toBe(true)
        expect(begunAt).toBeGreaterThanOrEqual(
          Math.max(
            0,
            Math.floor(plainSizeOf(Math.min(cutAt, sealedSizeOf(plain.length - 1))) / CHUNK_BYTES) * CHUNK_BYTES,
          ),
        )
        expect(await folder.verify(digest, signal)).toMatchObject({ ok: true })
        await folder.remove(digest)
      },
    ),
    { numRuns: 20 },
  )
})

test('a part for a whole of another size, or under a forgotten key, begins anew', async () => {
  await store(await open(), plain, { until: 2 * CHUNK_BYTES })
  const longer = await (await open()).openPart(digest, signal, plain.length + 1)
  expect(longer.ok && longer.part.sizeBytes).toBe(0)
  if (longer.ok) await longer.part.close()
  await store(await open(), plain, { until: 2 * CHUNK_BYTES })
  expect(await store(await open([generateSealKey()]), plain)).toEqual({ isWhole: true, begunAt: 0 })
})

test('a disk that fills up at any change loses nothing that was accepted', async () => {
  for (const after of ['fails', 'works'] as const) {
    for (let failAt = 1; ; failAt++) {
      const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC', after })
      // Folders and files that cannot even be opened are an error; the next try is another start.
      const attempt = async () => store(await open([key], failing.fileSystem), plain, { piece: 200_000 })
      await attempt().catch(() => undefined)
      const healed = await open()
      if (!(await healed.has(digest))) expect(await store(healed, plain)).toMatchObject({ isWhole: true })
      expect(await healed.verify(digest, signal), `${after} at ${failAt}`).toMatchObject({ ok: true })
      await healed.remove(digest)
      if (!failing.hasFailed()) break
    }
  }
})

test('when room comes back within one connection, the same part goes on', async () => {
  for (let failAt = 8; failAt < 16; failAt++) {
    const failing = failingFileSystem(nodeFileSystem, { failAt, code: 'ENOSPC', after: 'works' })
    const folder = await open([key], failing.fileSystem)
    const opened = await folder.openPart(digest, signal, plain.length)
    if (!opened.ok) throw new Error(opened.message)
    await using part = opened.part
    while (part.sizeBytes < plain.length) {
      await part.append(plain.subarray(part.sizeBytes, part.sizeBytes + 100_000), part.sizeBytes)
    }
    const first = await part.commit(digest)
    if (!first.ok) expect(await part.commit(digest)).toMatchObject({ ok: true })
    expect(await folder.verify(digest, signal)).toMatchObject({ ok: true })
    await folder.remove(digest)
  }
})
