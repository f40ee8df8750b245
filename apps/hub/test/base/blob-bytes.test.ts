/** The promises of every store of blobs, tested with each: a folder, and a bucket of a real S3 server. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Digest } from '@skerry/contract/values/digest'
import { blobLayout } from '@skerry/platform/blobs/blob-layout'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf, hexOf } from '@skerry/platform/files/hash'
import { systemClock } from '@skerry/platform/process/clock'
import { law, rounds } from '@skerry/testkit/tier'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BlobBytes } from '../../src/blobs/blob-bytes.ts'
import { openFolderBlobs } from '../../src/blobs/folder-blobs.ts'
import { createIdentifiers } from '../../src/identity/identifiers.ts'
import { openS3Bench, type S3Bench } from '../stage/servers/s3-bench.ts'

const signal = new AbortController().signal

type Place = {
  /** Opens the store as another hub would, or this one after a restart. */
  open(): Promise<BlobBytes>
  fileOf(digest: Digest): string
}

let folder: string
let bench: S3Bench
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'skerry-bytes-'))
  bench = await openS3Bench()
})
afterAll(async () => {
  await bench[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const places: Record<string, () => Place> = {
  folder: () => ({
    open: () => openFolderBlobs({ fileSystem: nodeFileSystem, path: folder, freeBytesMin: 0, clock: systemClock }),
    fileOf: (digest) => blobLayout(folder).blobOf(digest),
  }),
  bucket: () => ({
    open: async () => bench.open(),
    fileOf: (digest) => bench.server.fileOf(`sha256/${hexOf(digest).slice(0, 2)}/${hexOf(digest)}`),
  }),
}

const read = async (blobs: BlobBytes, digest: Digest, range = {}) => {
  const chunks: Uint8Array[] = []
  for await (const chunk of blobs.read(digest, range, signal)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const listed = async (blobs: BlobBytes) => {
  const digests: Digest[] = []
  for await (const { digest } of blobs.list(signal)) digests.push(digest)
  return digests
}

const nextId = createIdentifiers(randomBytes).upload

/** Sends the bytes in pieces, each through a newly opened store. */
async function send(place: Place, content: Buffer, pieces: readonly number[], digest = digestOf(content)) {
  const id = nextId()
  for (let piece = 0; ; piece += 1) {
    await using blobs = await place.open()
    const start = await blobs.incoming.offsetOf(id, signal)
    await using incoming = await blobs.incoming.open(id, { digest, sizeBytes: content.length }, signal)
    if (!incoming) throw new Error('somebody else has it')
    expect(incoming.sizeBytes).toBe(start)
    await incoming.append(content.subarray(start, start + (pieces[piece] ?? content.length)))
    if (incoming.sizeBytes === content.length) return await incoming.commit()
    await incoming.keep()
  }
}

describe.each(Object.keys(places))('%s', (name) => {
  const place = () => places[name]?.() as Place

  test('stores a blob under its digest, and returns all or some of its bytes', async () => {
    await using blobs = await place().open()
    const bytes = randomBytes(200_000)
    const digest = digestOf(bytes)
    expect(await blobs.sizeOf(digest, signal)).toBeUndefined()
    await blobs.put(digest, bytes, signal)
    await blobs.put(digest, bytes, signal)
    expect(await blobs.sizeOf(digest, signal)).toBe(bytes.length)
    expect((await read(blobs, digest)).equals(bytes)).toBe(true)
    for (const [start, end] of [
      [0, 0],
      [10, 19],
      [199_999, 199_999],
      [0, 199_999],
    ] as const) {
      expect((await read(blobs, digest, { start, end })).equals(bytes.subarray(start, end + 1))).toBe(true)
    }
    expect((await listed(blobs)).filter((found) => found === digest)).toEqual([digest])
    expect(await blobs.verify(digest, signal)).toEqual({ ok: true, sizeBytes: bytes.length })
    await blobs.remove(digest, signal)
    await blobs.remove(digest, signal)
    expect(await blobs.sizeOf(digest, signal)).toBeUndefined()
    expect(await blobs.verify(digest, signal)).toMatchObject({ ok: false, code: 'blob_unknown' })
  })

  test('keeps a small file beside the blobs until it is removed', async () => {
    await using blobs = await place().open()
    await blobs.writeNote('note-1', Buffer.from('one'), signal)
    await blobs.writeNote('note-1', Buffer.from('two'), signal)
    expect(Buffer.from((await blobs.readNote('note-1', signal)) ?? []).toString()).toBe('two')
    await blobs.removeNote('note-1', signal)
    await blobs.removeNote('note-1', signal)
    expect(await blobs.readNote('note-1', signal)).toBeUndefined()
  })

  test('a reader that stops early ends the read', async () => {
    await using blobs = await place().open()
    const bytes = randomBytes(4_000_000)
    await blobs.put(digestOf(bytes), bytes, signal)
    for await (const chunk of blobs.read(digestOf(bytes), {}, signal)) {
      expect(chunk.length).toBeLessThan(bytes.length)
      break
    }
  })

  test('a blob that arrives in any pieces, through any hub, is complete or absent', law, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 20_000_000 }),
        fc.array(fc.integer({ min: 0, max: 9_000_000 }), { maxLength: 5 }),
        async (size, pieces) => {
          const content = randomBytes(size)
          expect(await send(place(), content, pieces)).toEqual({ ok: true })
          await using blobs = await place().open()
          expect(await blobs.verify(digestOf(content), signal)).toEqual({ ok: true, sizeBytes: size })
        },
      ),
      {
        numRuns: rounds({ quick: 3, deep: 8 }),
        examples: [
          [0, []],
          [8 * 1024 * 1024, []],
          [16 * 1024 * 1024, [1]],
        ],
      },
    )
  })

  test('bytes that differ from the announced digest never become a blob', async () => {
    for (const size of [1_000, 9_000_000]) {
      const digest = digestOf(randomBytes(8))
      expect(await send(place(), randomBytes(size), [], digest)).toMatchObject({ code: 'upload_digest_wrong' })
      await using blobs = await place().open()
      expect(await blobs.sizeOf(digest, signal)).toBeUndefined()
    }
  })

  test('an upload in progress is no blob, has one writer, and is deleted when it is abandoned', async () => {
    await using blobs = await place().open()
    const content = randomBytes(9_000_000)
    const id = nextId()
    const target = { digest: digestOf(content), sizeBytes: content.length }
    {
      await using incoming = await blobs.incoming.open(id, target, signal)
      await incoming?.append(content.subarray(0, 8_999_999))
      await incoming?.keep()
      expect(await blobs.incoming.open(id, target, signal)).toBeUndefined()
    }
    expect([await blobs.sizeOf(target.digest, signal), await listed(blobs)]).toEqual([
      undefined,
      expect.not.arrayContaining([target.digest]),
    ])
    await blobs.incoming.sweep(new Set([id]), signal)
    expect(await blobs.incoming.offsetOf(id, signal)).toBe(8_999_999)
    await blobs.incoming.sweep(new Set(), signal)
    expect(await blobs.incoming.offsetOf(id, signal)).toBe(0)
  })

  test.each([0, 1_000, 17_000_000])(
    'an upload of %d bytes whose digest is stated at its end is a blob',
    async (size) => {
      const content = randomBytes(size)
      const id = nextId()
      const sizeBytes = 2 ** 34
      const unknown = digestOf(id)
      for (const [start, end] of [
        [0, 300],
        [300, 9_000_000],
        [9_000_000, size],
      ] as const) {
        await using blobs = await place().open()
        await using incoming = await blobs.incoming.open(id, { digest: unknown, sizeBytes }, signal)
        await incoming?.append(content.subarray(start, Math.max(start, end)))
        await incoming?.keep()
      }
      await using blobs = await place().open()
      await using incoming = await blobs.incoming.open(id, { digest: digestOf(content), sizeBytes }, signal)
      expect(await incoming?.commit()).toEqual({ ok: true })
      expect(await blobs.verify(digestOf(content), signal)).toEqual({ ok: true, sizeBytes: size })
      expect(await blobs.sizeOf(unknown, signal)).toBeUndefined()
    },
  )

  test('a damaged blob is set aside, and can be uploaded again', async () => {
    await using blobs = await place().open()
    const bytes = randomBytes(1_000)
    const digest = digestOf(bytes)
    await blobs.put(digest, bytes, signal)
    await writeFile(place().fileOf(digest), randomBytes(1_000))
    expect(await blobs.verify(digest, signal)).toMatchObject({ ok: false, code: 'blob_damaged' })
    expect(await blobs.sizeOf(digest, signal)).toBeUndefined()
    await blobs.put(digest, bytes, signal)
    expect(await blobs.verify(digest, signal)).toMatchObject({ ok: true })
  })

  test('a blob is written to a file completely or not at all', async () => {
    await using blobs = await place().open()
    const bytes = randomBytes(300_000)
    const path = join(folder, `laid-${name}`)
    expect(await blobs.layOut(digestOf(bytes), path, signal)).toMatchObject({ ok: false, code: 'blob_unknown' })
    await blobs.put(digestOf(bytes), bytes, signal)
    expect(await blobs.layOut(digestOf(bytes), path, signal)).toEqual({ ok: true, sizeBytes: bytes.length })
    expect((await readFile(path)).equals(bytes)).toBe(true)
  })

  test('an aborted signal ends a read', async () => {
    await using blobs = await place().open()
    const bytes = randomBytes(4_000_000)
    await blobs.put(digestOf(bytes), bytes, signal)
    const enough = new AbortController()
    enough.abort(new Error('enough'))
    await expect(blobs.verify(digestOf(bytes), enough.signal)).rejects.toThrow('enough')
  })
})
