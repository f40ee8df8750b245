/**
 * Site caches: the bytes that the hub sends when 10,000 simulated devices take a new file, with a cache for each 100.
 * Passes, caches and downloads are the code of the hub and of the agent; only the network between them is left out.
 */
import { createCipheriv } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { decodeRuns } from '@skerry/core/chunks/byte-runs'
import { type DownloadResult, downloadBlob } from '@skerry/platform/blobs/blob-download'
import { type BlobFolder, openBlobFolder } from '@skerry/platform/blobs/blob-folder'
import { generateKeyPair } from '@skerry/platform/certificates/private-key'
import { signCachePass } from '@skerry/platform/chunks/cache-pass'
import { buildChunkIndex } from '@skerry/platform/chunks/chunk-index'
import { encodeSignedIndex } from '@skerry/platform/chunks/chunk-signature'
import { downloadDelta } from '@skerry/platform/chunks/delta-download'
import type { SendToHub } from '@skerry/platform/chunks/delta-requests'
import { nodeFileSystem } from '@skerry/platform/files/file-system'
import { digestOf } from '@skerry/platform/files/hash'
import type { HttpsResponse } from '@skerry/platform/network/https-client'
import { systemClock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import { answerNeighbour } from '../../apps/agent/src/site-cache/cache-answers.ts'
import { type CacheStore, openCacheStore, type WantedFile } from '../../apps/agent/src/site-cache/cache-store.ts'
import { downloadNear } from '../../apps/agent/src/site-cache/near-download.ts'
import { encodeRuns, readRuns } from '../../apps/hub/src/chunks/read-runs.ts'

const SITES = 100
const DEVICES_A_SITE = 100
/** A small model. The requests for passes cost a larger share of it than of a large one. */
const FILE_BYTES = 2 * 2 ** 20

const WHOLE = '/whole'

/** Neighbours look more often than in the field, which costs no bytes of the hub. */
const clock = {
  ...systemClock,
  // The limit of a file keeps its time.
  sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms > 60_000 ? ms : 20, signal),
}

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const KEY = 'a'.repeat(64)
const signing = generateKeyPair()

/** Bytes without a pattern, the same in each run. */
const file = createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(FILE_BYTES))
const wanted: WantedFile = { digest: digestOf(file), sizeBytes: file.length }

type CountingHub = {
  send: SendToHub
  passes(): Promise<{ ok: true; status: number; body: unknown }>
  sentBytes(): number
}

/** The bytes that leave the hub, without the headers of HTTP and TLS. */
async function openCountingHub(signal: AbortSignal): Promise<CountingHub> {
  const index = await buildChunkIndex(Readable.from([file]), signal)
  let sent = 0
  const counted = async function* (stream: AsyncIterable<Uint8Array>) {
    for await (const piece of stream) {
      sent += piece.length
      yield piece
    }
  }
  const send: SendToHub = async ({ path, content }) => {
    if (path === WHOLE) return answerOf(counted(Readable.from([file])))
    if (!content) return answerOf(counted(Readable.from([encodeSignedIndex(wanted.digest, index, signing)])))
    const body = Buffer.concat(await content.stream.toArray())
    const isPages = path.endsWith('/chunks')
    const runs = decodeRuns(body, isPages ? index.pages.length : file.length) ?? []
    const pages = runs.map(({ start, length }) => index.pages.subarray(start, start + length))
    if (isPages) return answerOf(counted(Readable.from(pages)))
    const ranged = { read: (_: unknown, { start = 0, end = 0 }) => Readable.from([file.subarray(start, end + 1)]) }
    const coding = { 'content-encoding': index.coding }
    return answerOf(counted(encodeRuns(readRuns(ranged, wanted.digest, runs, signal), index.coding)), coding)
  }
  return {
    send,
    async passes() {
      const pass = {
        v: 1 as const,
        blob: wanted.digest,
        sizeBytes: wanted.sizeBytes,
        deviceKey: KEY,
        cacheKeys: [KEY],
        expiresAtMs: 2e12,
      }
      const caches = [{ device: 'press-4', address: '10.0.0.7:8600', key: KEY }]
      const body = { caches, pass: signCachePass(pass, signing) }
      sent += JSON.stringify(body).length
      return { ok: true, status: 200, body }
    },
    sentBytes: () => sent,
  }
}

const answerOf = (stream: AsyncIterable<Uint8Array>, headers: Record<string, string> = {}): HttpsResponse => ({
  ok: true,
  status: 200,
  headers,
  stream: Readable.from(stream, { objectMode: false }) as IncomingMessage,
})

const folderAt = (path: string) => openBlobFolder({ fileSystem: nodeFileSystem, path, freeBytesMin: 0 })

/** The cache of a site: its files come from the hub by chunks, as those of an agent do. */
async function openCache(path: string, hub: CountingHub, signal: AbortSignal): Promise<CacheStore> {
  const [own, kept] = [await folderAt(join(path, 'own')), await folderAt(join(path, 'kept'))]
  const fetch: Parameters<typeof openCacheStore>[0]['fetch'] = async (folder, about, at) => {
    const seeds = [{ digest: digestOf(Buffer.alloc(0)), open: async () => undefined }]
    const sides = { folder: { ...kept, ...folder }, clock, random: Math.random }
    const outcome = await downloadDelta({ ...hub, ...about, ...sides, seeds, trustedKeys: [signing.publicKeyPem] }, at)
    if (outcome.kind === 'done') return outcome.result
    return fetchWhole(kept, hub, at)
  }
  return openCacheStore({ own, kept, bytesMax: 1e9, fetch, clock, log, signal })
}

/** As the agent does, if the chunks on the disk save nothing. */
function fetchWhole(kept: BlobFolder, { send }: CountingHub, signal: AbortSignal): Promise<DownloadResult> {
  const client = { send: (_: unknown, at: AbortSignal) => send({ path: WHOLE }, at) }
  const sides = { folder: kept, clock, random: Math.random }
  return downloadBlob({ ...wanted, ...sides, client, url: 'https://hub.example/' }, signal)
}

/** A client of the cache in this process. */
function clientOf(store: CacheStore, signal: AbortSignal) {
  const ground = { store, ownKey: KEY, trustedKeys: () => [signing.publicKeyPem], nowMs: () => 0 }
  const ask = (method: string, url: string, headers: Record<string, string> = {}) =>
    answerNeighbour(ground, { method, path: new URL(url).pathname, headers, callerKey: KEY })
  return {
    async sendJson({
      method = 'GET',
      url,
      headers,
    }: {
      method?: string
      url: string
      headers?: Record<string, string>
    }) {
      const answer = await ask(method, url, headers)
      if (!('json' in answer) || answer.status !== 200) throw new Error(`the cache refuses: ${JSON.stringify(answer)}`)
      return { ok: true as const, status: answer.status, body: answer.json as unknown }
    },
    async send({ url, headers }: { url: string; headers?: Record<string, string> }) {
      signal.throwIfAborted()
      const answer = await ask('GET', url, headers)
      if ('json' in answer) throw new Error(`the cache refuses: ${JSON.stringify(answer)}`)
      await using opened = answer.file
      const bytes = Buffer.alloc(wanted.sizeBytes)
      await opened.read(bytes, 0)
      return answerOf(Readable.from([bytes]), answer.headers)
    },
  }
}

async function updateSite(path: string, hub: CountingHub, signal: AbortSignal): Promise<void> {
  const client = clientOf(await openCache(join(path, 'cache'), hub, signal), signal)
  const update = async (_: unknown, at: number) => {
    const folder = await folderAt(join(path, String(at)))
    const sides = { folder, clock, random: Math.random, log, away: new Map<string, number>() }
    const asked = { hub: 'https://hub.example', client: { sendJson: hub.passes } }
    const result = await downloadNear({ ...sides, hub: asked, clientFor: () => client }, wanted, signal)
    if (!result?.ok || !(await folder.has(wanted.digest)))
      throw new Error(`a device got no file: ${JSON.stringify(result)}`)
  }
  await Promise.all(Array.from({ length: DEVICES_A_SITE }, update))
}

/** The bytes of the hub in relation to one copy for each site. */
export async function siteCacheBytes(sites = SITES): Promise<object> {
  const signal = AbortSignal.timeout(3_600_000)
  const hub = await openCountingHub(signal)
  for (let site = 0; site < sites; site++) {
    const path = await mkdtemp(join(tmpdir(), 'skerry-bench-sites-'))
    try {
      await updateSite(path, hub, signal)
    } finally {
      await rm(path, { recursive: true, force: true })
    }
  }
  const oneCopyASite = sites * wanted.sizeBytes
  const devices = sites * DEVICES_A_SITE
  return { devices, sites, oneCopyASite, hub: hub.sentBytes(), ofOneCopyASite: hub.sentBytes() / oneCopyASite }
}
