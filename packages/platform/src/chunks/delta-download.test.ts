import { createCipheriv } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { zstdCompressSync } from 'node:zlib'
import type { Digest } from '@skerry/contract/values/digest'
import { type ByteRun, decodeRuns } from '@skerry/core/chunks/byte-runs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type BlobFolder, openBlobFolder } from '../blobs/blob-folder.ts'
import { generateKeyPair } from '../certificates/private-key.ts'
import { nodeFileSystem } from '../files/file-system.ts'
import { digestOf } from '../files/hash.ts'
import { buildChunkIndex, type ChunkIndex } from './chunk-index.ts'
import { encodeSignedIndex } from './chunk-signature.ts'
import { type DeltaOutcome, downloadDelta } from './delta-download.ts'
import type { SendToHub } from './delta-requests.ts'

const key = generateKeyPair()
const signal = AbortSignal.timeout(600_000)
let path: string
let folder: BlobFolder

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'skerry-delta-'))
  folder = await openBlobFolder({ fileSystem: nodeFileSystem, path, freeBytesMin: 0 })
})
afterEach(() => rmSync(path, { recursive: true }))

async function store(bytes: Uint8Array): Promise<Digest> {
  const digest = digestOf(bytes)
  const opened = await folder.openPart(digest, signal)
  if (!opened.ok) throw new Error(opened.message)
  await using part = opened.part
  await part.append(bytes, 0)
  await part.commit(digest)
  return digest
}

async function stored(digest: Digest): Promise<Buffer> {
  return Buffer.concat(await folder.createReadStream(digest).toArray())
}

type Sent = { status?: number; bytes: Uint8Array; coding?: 'zstd'; cutAfter?: number }
type Lies = {
  index?(honest: Uint8Array): Sent
  pages?(honest: Uint8Array): Sent
  runs?(honest: Uint8Array, runs: readonly ByteRun[]): Sent
}

/** A hub with one file, which lies if the test wants that. */
function hubWith(bytes: Uint8Array, index: ChunkIndex, lies: Lies = {}) {
  const digest = digestOf(bytes)
  const requests: string[] = []
  const send: SendToHub = async ({ method = 'GET', path: asked, content }) => {
    requests.push(`${method} ${asked.replace(digest, 'DIGEST')}`)
    const body = content ? Buffer.concat(await content.stream.toArray()) : Buffer.alloc(0)
    const file = asked.endsWith('/runs') ? bytes : index.pages
    const runs = decodeRuns(body, file.length) ?? []
    const part = Buffer.concat(runs.map(({ start, length }) => file.subarray(start, start + length)))
    const honest = method === 'GET' ? Buffer.from(encodeSignedIndex(digest, index, key)) : part
    return answerOf(lieOf(lies, method, asked, honest, runs))
  }
  return { send, requests, digest, sizeBytes: bytes.length, trustedKeys: [key.publicKeyPem] }
}

function lieOf(lies: Lies, method: string, asked: string, honest: Uint8Array, runs: readonly ByteRun[]): Sent {
  if (method === 'GET') return lies.index?.(honest) ?? { bytes: honest }
  if (asked.endsWith('/runs')) return lies.runs?.(honest, runs) ?? { bytes: honest }
  return lies.pages?.(honest) ?? { bytes: honest }
}

function answerOf({ status = 200, bytes, coding, cutAfter }: Sent) {
  const pieces = async function* () {
    for (let at = 0; at < Math.min(bytes.length, cutAfter ?? bytes.length); at += 10_000)
      yield Buffer.from(bytes.subarray(at, Math.min(at + 10_000, cutAfter ?? bytes.length)))
    if (cutAfter !== undefined) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
  }
  const headers = coding ? { 'content-encoding': coding } : {}
  return { ok: true as const, status, headers, stream: Readable.from(pieces()) as IncomingMessage }
}

const indexOf = (bytes: Uint8Array) => buildChunkIndex(Readable.from([Buffer.from(bytes)]), signal)

type Hub = ReturnType<typeof hubWith>

const fetchFrom = (hub: Hub, seeds: readonly Digest[]): Promise<DeltaOutcome> =>
  downloadDelta(
    {
      ...hub,
      folder,
      seeds: seeds.map((digest) => ({ digest, open: () => folder.open(digest) })),
      clock: { sleep: async () => {} },
      random: () => 0.5,
    },
    signal,
  )

/** Bytes without a pattern, the same in each run: the chunks of other bytes end elsewhere. */
const noise = (seed: number, length: number) =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length))

const old = noise(1, 2_000_000)
/** One changed place, one insertion, and a part that moved to the front. */
const changed = Buffer.concat([
  old.subarray(1_500_000),
  old.subarray(0, 400_000),
  noise(2, 30_000),
  old.subarray(430_000, 900_000),
  noise(3, 77),
  old.subarray(900_000, 1_500_000),
])

test('fetches the changed bytes and little more, and the file is exactly the wanted one', async () => {
  const hub = hubWith(changed, await indexOf(changed))
  const outcome = await fetchFrom(hub, [await store(old)])
  expect(outcome).toMatchObject({ kind: 'done', result: { ok: true, sizeBytes: changed.length } })
  expect((await stored(hub.digest)).equals(changed)).toBe(true)
  if (outcome.kind !== 'done' || !outcome.result.ok) throw new Error('not fetched')
  expect(outcome.result.receivedBytes).toBeLessThan(90_000)
  expect(outcome.copiedBytes + 90_000).toBeGreaterThan(changed.length)
  expect(hub.requests).toEqual([
    'GET /v1/blobs/DIGEST/chunks',
    'POST /v1/blobs/DIGEST/chunks',
    'POST /v1/blobs/DIGEST/runs',
  ])
})

test('takes chunks out of several files', async () => {
  const seeds = [await store(changed.subarray(0, 1_000_000)), await store(old.subarray(0, 1_200_000))]
  const hub = hubWith(old, await indexOf(old))
  const outcome = await fetchFrom(hub, seeds)
  expect(outcome).toMatchObject({ kind: 'done', result: { ok: true } })
  expect((await stored(hub.digest)).equals(old)).toBe(true)
  if (outcome.kind !== 'done' || !outcome.result.ok) throw new Error('not fetched')
  expect(outcome.result.receivedBytes).toBeLessThan(400_000)
})

test('continues after cuts at any byte, and after the download of a whole file', async () => {
  const fresh = Buffer.concat([noise(4, 300_000), old.subarray(0, 1_700_000)])
  let count = 0
  const hub = hubWith(fresh, await indexOf(fresh), {
    runs: (honest) => ({ bytes: honest, ...(honest.length > 30_000 && { cutAfter: 20_000 + ++count }) }),
  })
  const opened = await folder.openPart(hub.digest, signal)
  if (!opened.ok) throw new Error(opened.message)
  await opened.part.append(fresh.subarray(0, 12_345), 0)
  await opened.part.close()
  const outcome = await fetchFrom(hub, [await store(old)])
  expect(outcome).toMatchObject({ kind: 'done', result: { ok: true } })
  expect((await stored(hub.digest)).equals(fresh)).toBe(true)
  expect(count).toBeGreaterThan(5)
  if (outcome.kind !== 'done' || !outcome.result.ok) throw new Error('not fetched')
  // Each cut costs a chunk and the pieces that were on their way.
  expect(outcome.result.receivedBytes).toBeLessThan(300_000 + count * 16_384)
})

test('compressed answers count with their bytes on the wire', async () => {
  const text = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `row ${index % 977}\n`).join(''))
  const index = await indexOf(text)
  expect(index.coding).toBe('zstd')
  const hub = hubWith(text, index, { runs: (honest) => ({ bytes: zstdCompressSync(honest), coding: 'zstd' }) })
  const outcome = await fetchFrom(hub, [])
  expect((await stored(hub.digest)).equals(text)).toBe(true)
  if (outcome.kind !== 'done' || !outcome.result.ok) throw new Error('not fetched')
  expect(outcome.result.receivedBytes).toBeLessThan(text.length / 10)
})

const otherFile = noise(5, 2_000_000)
const otherIndex = await indexOf(otherFile)
const stranger = generateKeyPair()

/** Each lie, and the reason for which the device fetches the whole file instead. */
test.each<[string, Lies | ((index: ChunkIndex) => Lies), RegExp]>([
  ['has no chunks', { index: () => ({ status: 404, bytes: Buffer.from('{}') }) }, /404/],
  ['cannot build the index', { index: () => ({ status: 500, bytes: Buffer.from('{}') }) }, /500/],
  [
    'replays the index of another file',
    { index: () => ({ bytes: encodeSignedIndex(digestOf(otherFile), otherIndex, key) }) },
    /signed for another file/,
  ],
  [
    'signs with a key that the device does not trust',
    (index) => ({ index: () => ({ bytes: encodeSignedIndex(digestOf(changed), index, stranger) }) }),
    /did not learn/,
  ],
  [
    'changes a byte of the root',
    { index: (honest) => ({ bytes: Buffer.concat([honest.subarray(0, -1), Buffer.of((honest.at(-1) ?? 0) ^ 1)]) }) },
    /not the signed ones/,
  ],
  ['sends no signature', { index: () => ({ bytes: Buffer.of(0, 0, 1, 2, 3) }) }, /no signature/],
  [
    'sends pages of another file',
    { pages: (honest) => ({ bytes: otherIndex.pages.subarray(0, honest.length) }) },
    /page/,
  ],
  ['sends half of the pages', { pages: (honest) => ({ bytes: honest.subarray(0, honest.length / 2) }) }, /fewer bytes/],
  ['sends more pages', { pages: (honest) => ({ bytes: Buffer.concat([honest, honest]) }) }, /more bytes/],
  [
    'sends chunks of another file',
    { runs: (honest) => ({ bytes: otherFile.subarray(0, honest.length) }) },
    /does not belong/,
  ],
  ['cuts a chunk short', { runs: (honest) => ({ bytes: honest.subarray(0, honest.length - 1) }) }, /cut short/],
  [
    'sends bytes that are no zstd',
    { runs: () => ({ bytes: Buffer.from('certainly not compressed'), coding: 'zstd' }) },
    /decompressed/,
  ],
])('a hub that %s makes the device fetch the whole file', async (_, lies, reason) => {
  const index = await indexOf(changed)
  const hub = hubWith(changed, index, typeof lies === 'function' ? lies(index) : lies)
  const outcome = await fetchFrom(hub, [await store(old)])
  expect(outcome).toMatchObject({ kind: 'whole', reason: expect.stringMatching(reason) })
  expect(await folder.has(hub.digest)).toBe(false)
  // The bytes that stay for the download of the whole file are right.
  for (const { key: name, sizeBytes } of await folder.listParts()) {
    const opened = await folder.openPart(name, signal)
    if (!opened.ok) throw new Error(opened.message)
    await using part = opened.part
    const rest = await part.append(changed.subarray(sizeBytes), sizeBytes)
    expect(rest.ok).toBe(true)
    expect(await part.commit(hub.digest)).toMatchObject({ ok: true })
  }
})

test('a damaged seed never makes a wrong file', async () => {
  const seed = await store(old)
  const hub = hubWith(changed, await indexOf(changed))
  let opened = 0
  const seeds = [
    {
      digest: seed,
      // The disk changes after the device has looked for chunks.
      open: async () => folder.open(++opened > 2 ? await store(otherFile) : seed),
    },
  ]
  const outcome = await downloadDelta(
    { ...hub, folder, seeds, clock: { sleep: async () => {} }, random: () => 0.5 },
    signal,
  )
  expect(outcome).toMatchObject({ kind: 'whole', reason: expect.stringContaining('have changed') })
  expect(await folder.has(hub.digest)).toBe(false)
})

test('a hub that does not answer fails the download, and a later one continues', async () => {
  const hub = hubWith(changed, await indexOf(changed))
  const problem = { ok: false, code: 'server_unreachable', message: 'no route', retryable: true } as const
  const outcome = await fetchFrom({ ...hub, send: async () => problem }, [await store(old)])
  expect(outcome).toMatchObject({ kind: 'done', result: { ok: false, code: 'server_unreachable', retryable: true } })
})

test('a hub whose database is away for a while costs no byte again', async () => {
  let count = 0
  const hub = hubWith(changed, await indexOf(changed), {
    runs: (honest) => (++count < 4 ? { status: 503, bytes: Buffer.from('{}') } : { bytes: honest }),
  })
  const outcome = await fetchFrom(hub, [await store(old)])
  expect(outcome).toMatchObject({ kind: 'done', result: { ok: true } })
  expect(count).toBe(4)
  if (outcome.kind !== 'done' || !outcome.result.ok) throw new Error('not fetched')
  expect(outcome.result.receivedBytes).toBeLessThan(90_000)
})

test('files without common bytes are fetched whole, unless they can be compressed', async () => {
  const hub = hubWith(otherFile, otherIndex)
  expect(await fetchFrom(hub, [])).toMatchObject({ kind: 'whole', reason: 'no file on this disk can help' })
  expect(await fetchFrom(hub, [await store(old)])).toMatchObject({
    kind: 'whole',
    reason: expect.stringMatching(/fifth/),
  })
})
