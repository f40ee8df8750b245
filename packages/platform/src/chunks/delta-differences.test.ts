/** A download by chunks that the hub codes against an old file of the device. */
import { createCipheriv } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { zstdCompressSync } from 'node:zlib'
import { DIFFERENCES_HEADER, DIFFERENCES_VERSION } from '@skerry/contract/chunks/differences'
import type { Digest } from '@skerry/contract/values/digest'
import { decodeReferredRuns, decodeRuns } from '@skerry/core/chunks/byte-runs'
import { blocksOf } from '@skerry/core/chunks/difference-blocks'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type BlobFolder, openBlobFolder } from '../blobs/blob-folder.ts'
import { generateKeyPair } from '../certificates/private-key.ts'
import { nodeFileSystem } from '../files/file-system.ts'
import { digestOf } from '../files/hash.ts'
import { buildChunkIndex, type ChunkIndex } from './chunk-index.ts'
import { encodeSignedIndex } from './chunk-signature.ts'
import { downloadDelta } from './delta-download.ts'
import type { SendToHub } from './delta-requests.ts'
import { encodeBlock } from './difference-coding.ts'
import type { Seed } from './find-seeds.ts'

const key = generateKeyPair()
const signal = AbortSignal.timeout(600_000)
let path: string
let folder: BlobFolder

beforeEach(async () => {
  path = mkdtempSync(join(tmpdir(), 'skerry-differences-'))
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

const noise = (seed: number, length: number) =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length))

const WEIGHTS = 200_000
const weights = Float32Array.from(noise(1, WEIGHTS), (byte, index) => byte / 255 + index / WEIGHTS)
const old = Buffer.from(weights.buffer)

/** Training moved some of the weights a little. */
function tunedFrom(first: number): Buffer {
  const random = noise(2, WEIGHTS)
  const move = (value: number, index: number) => (index < first ? value : value + 1e-5 * ((random[index] ?? 0) / 255))
  return Buffer.from(weights.map(move).buffer)
}

const changed = tunedFrom(WEIGHTS / 2)
const index = await buildChunkIndex(Readable.from([changed]), signal)

type Sent = { status?: number; bytes: Uint8Array; cutAfter?: number }
type Lies = { version?: string | undefined; differences?(honest: Uint8Array): Sent }

/** A hub with the file and its old version, which lies if the test wants that. */
function hubWith(wanted: Buffer, of: ChunkIndex, lies: Lies = {}) {
  const digest = digestOf(wanted)
  const requests: string[] = []
  const send: SendToHub = async ({ method = 'GET', path: asked, content }) => {
    requests.push(asked.split('/').slice(4).join('/').replace(digestOf(old), 'OLD'))
    const body = content ? Buffer.concat(await content.stream.toArray()) : Buffer.alloc(0)
    if (method === 'GET') return answerOf({ bytes: encodeSignedIndex(digest, of, key) }, versionHeader(lies))
    if (!asked.includes('/differences/')) {
      const file = asked.endsWith('/runs') ? wanted : of.pages
      const runs = decodeRuns(body, file.length) ?? []
      return answerOf({ bytes: Buffer.concat(runs.map((run) => file.subarray(run.start, run.start + run.length))) })
    }
    const honest = await differences(wanted, body)
    return answerOf(lies.differences?.(honest) ?? { bytes: honest })
  }
  return { send, requests, digest, sizeBytes: wanted.length, trustedKeys: [key.publicKeyPem] }
}

function versionHeader(lies: Lies): Record<string, string> {
  const version = 'version' in lies ? lies.version : DIFFERENCES_VERSION
  return version ? { [DIFFERENCES_HEADER]: version } : {}
}

async function differences(wanted: Buffer, body: Buffer): Promise<Buffer> {
  const runs = decodeReferredRuns(body, { sizeBytes: wanted.length, oldSizeBytes: old.length })
  if (!runs) throw new Error('the device sent no runs')
  const blocks = blocksOf(runs).map((block) => {
    const part = (file: Buffer, place: 'start' | 'from') =>
      Buffer.concat(block.runs.map((run) => file.subarray(run[place], run[place] + run.length)))
    return encodeBlock(part(wanted, 'start'), part(old, 'from'))
  })
  return Buffer.concat(await Promise.all(blocks))
}

function answerOf({ status = 200, bytes, cutAfter }: Sent, headers: Record<string, string> = {}) {
  const pieces = async function* () {
    yield Buffer.from(bytes.subarray(0, cutAfter ?? bytes.length))
    if (cutAfter !== undefined) throw Object.assign(new Error('cut'), { code: 'ECONNRESET' })
  }
  return { ok: true as const, status, headers, stream: Readable.from(pieces()) as IncomingMessage }
}

const oldSeed = (digest: Digest): Seed => ({ digest, sizeBytes: old.length, open: () => folder.open(digest) })

async function fetchFrom(hub: ReturnType<typeof hubWith>, seeds: readonly Seed[]) {
  const deps = { ...hub, folder, seeds, clock: { sleep: async () => {} }, random: () => 0.5 }
  const outcome = await downloadDelta(deps, signal)
  if (outcome.kind !== 'done' || !outcome.result.ok) throw new Error(`not fetched: ${JSON.stringify(outcome)}`)
  const stored = Buffer.concat(await folder.createReadStream(hub.digest).toArray())
  return { ...outcome, receivedBytes: outcome.result.receivedBytes, isRight: digestOf(stored) === hub.digest }
}

test('tuned weights move as differences from the old file', async () => {
  const plain = await fetchFrom(hubWith(changed, index, { version: undefined }), [oldSeed(await store(old))])
  expect(plain.isRight).toBe(true)
  await folder.remove(digestOf(changed))
  const hub = hubWith(changed, index)
  const fetched = await fetchFrom(hub, [oldSeed(await store(old))])
  expect(fetched.isRight).toBe(true)
  expect(fetched.reference).toEqual({ digest: digestOf(old) })
  expect(hub.requests).toEqual(['chunks', 'chunks', 'differences/OLD'])
  expect(fetched.receivedBytes).toBeLessThan(plain.receivedBytes * 0.6)
})

test('a file of which no chunk is unchanged moves as differences from the file of the same size', async () => {
  const all = tunedFrom(0)
  const hub = hubWith(all, { ...(await buildChunkIndex(Readable.from([all]), signal)), coding: 'zstd' })
  const fetched = await fetchFrom(hub, [oldSeed(await store(old))])
  expect([fetched.isRight, fetched.copiedBytes]).toEqual([true, 0])
  expect(fetched.receivedBytes).toBeLessThan(all.length * 0.6)
})

test('continues after cuts at any byte', async () => {
  let count = 0
  const hub = hubWith(changed, index, {
    differences: (honest) => ({ bytes: honest, ...(honest.length > 40_000 && { cutAfter: 18_000 + 111 * ++count }) }),
  })
  const fetched = await fetchFrom(hub, [oldSeed(await store(old))])
  expect([fetched.isRight, fetched.reference]).toEqual([true, { digest: digestOf(old) }])
  expect(count).toBeGreaterThan(3)
})

const bomb = Buffer.concat([Buffer.of(1, 0, 6, 0), zstdCompressSync(Buffer.alloc(50_000_000))])

test.each<[string, Lies, RegExp]>([
  ['does not have the old file', { differences: () => ({ status: 404, bytes: Buffer.from('{}') }) }, /404/],
  ['is newer or older', { differences: () => ({ status: 400, bytes: Buffer.from('{}') }) }, /400/],
  [
    'sends bytes of another file',
    { differences: () => ({ bytes: Buffer.concat([Buffer.of(0, 0, 128, 0), noise(3, 32_768)]) }) },
    /does not belong/,
  ],
  ['sends a bomb', { differences: () => ({ bytes: bomb }) }, /cannot be decompressed/],
  ['sends half a block', { differences: (honest) => ({ bytes: honest.subarray(0, 100) }) }, /cut short/],
])('a hub that %s sends the chunks without the old file', async (_, lies, problem) => {
  const hub = hubWith(changed, index, lies)
  const fetched = await fetchFrom(hub, [oldSeed(await store(old))])
  expect(fetched.isRight).toBe(true)
  expect(fetched.reference).toEqual({ digest: digestOf(old), problem: expect.stringMatching(problem) })
  expect(hub.requests).toEqual(['chunks', 'chunks', 'differences/OLD', 'runs'])
})

test.each<[string, () => Promise<never> | Promise<number>]>([
  ['has other bytes than the hub thinks', async () => 0],
  ['cannot be read', async () => Promise.reject(new Error('the seal is broken'))],
])('an old file that %s never makes a wrong file', async (_, read) => {
  const digest = await store(old)
  let opened = 0
  const open = async () => {
    const file = await folder.open(digest)
    // The device has looked for groups and for chunks. Then the part of the file that changed is lost.
    if (!file || ++opened <= 2) return file
    const lost = async (bytes: Uint8Array, at: number) => (at >= old.length / 2 ? read() : file.read(bytes, at))
    return { ...file, read: lost, close: () => file.close() }
  }
  const fetched = await fetchFrom(hubWith(changed, index), [{ digest, sizeBytes: old.length, open }])
  expect(fetched.isRight).toBe(true)
  expect(fetched.reference?.problem).toBeDefined()
})

test('a device requests no differences in a version that it does not know, or from a file that no hub has', async () => {
  const seed = oldSeed(await store(old))
  const newer = hubWith(changed, index, { version: '2' })
  expect(await fetchFrom(newer, [seed])).toMatchObject({ isRight: true, kind: 'done' })
  await folder.remove(digestOf(changed))
  const installed = hubWith(changed, index)
  const fetched = await fetchFrom(installed, [{ digest: seed.digest, open: seed.open }])
  expect([fetched.isRight, fetched.reference]).toEqual([true, undefined])
  expect([...newer.requests, ...installed.requests].filter((each) => each.startsWith('differences'))).toEqual([])
})
