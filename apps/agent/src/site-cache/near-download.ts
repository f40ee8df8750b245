/**
 * Near download: fetches a file from a cache of the site instead of from the hub. It never fails the file: if no cache
 * can help, the device fetches from the hub, and continues at the last byte.
 */
import { CACHE_PASS_HEADER, CACHED_BYTES_MIN, CacheOrder, SiteCaches } from '@skerry/contract/chunks/site-cache'
import { type Download, type DownloadResult, downloadBlob } from '@skerry/platform/blobs/blob-download'
import { encodeCachePass } from '@skerry/platform/chunks/cache-pass'
import type { HttpsClient } from '@skerry/platform/network/https-client'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { WantedFile } from './cache-store.ts'

export type NearDownload = {
  folder: Download['folder']
  clock: Clock
  random: () => number
  log: Log
  /** Requests the caches of this device and its pass for the file. */
  hub: { hub: string; client: Pick<HttpsClient, 'sendJson'> }
  /** A client that accepts only the cache with this key. */
  clientFor(key: string): Pick<HttpsClient, 'send' | 'sendJson'>
  /** The caches that could not be reached, by key, and the time by the monotonic clock at which they are tried again. */
  away: Map<string, number>
}

/** The cache may wait for its own turn on a slow line. Without a single byte for so long it is stuck. */
const STUCK_MS = 120_000

/** All caches together have this time for a file, and more for a large one at the rate of a slow line. */
const FILE_MS = 120_000
const BYTES_PER_MS = 8

const LOOK_MS = 2_000

/** A cache that is switched off must not hold up each file for the time of a lost connection. */
const AWAY_MS = 300_000

const IS_AWAY: readonly string[] = ['server_unreachable', 'request_timeout', 'certificate_refused']

/** Undefined if the hub must be asked for the file. */
export async function downloadNear(
  deps: NearDownload,
  file: WantedFile,
  signal: AbortSignal,
): Promise<DownloadResult | undefined> {
  if (file.sizeBytes < CACHED_BYTES_MIN || (await deps.folder.has(file.digest))) return undefined
  const named = await cachesOf(deps, file, signal)
  if (!named) return undefined
  const limitMs = FILE_MS + file.sizeBytes / BYTES_PER_MS
  return withinLimit(deps, { file, limitMs }, signal, (at) => fetchFrom(deps, named, file, at))
}

/** A cache that sends a byte now and then must not hold the file for ever. Undefined after the limit. */
async function withinLimit(
  { clock, log }: NearDownload,
  { file: { digest }, limitMs }: { file: WantedFile; limitMs: number },
  signal: AbortSignal,
  fetching: (signal: AbortSignal) => Promise<DownloadResult | undefined>,
): Promise<DownloadResult | undefined> {
  const late = new AbortController()
  const done = new AbortController()
  const waiting = clock.sleep(limitMs, done.signal).then(
    () => late.abort(),
    () => undefined,
  )
  try {
    return await fetching(AbortSignal.any([signal, late.signal]))
  } catch (error) {
    if (signal.aborted || !late.signal.aborted) throw error
    log.warn('site_caches_late', { digest, limitMs })
    return undefined
  } finally {
    done.abort()
    await waiting
  }
}

async function fetchFrom(
  deps: NearDownload,
  named: SiteCaches,
  file: WantedFile,
  signal: AbortSignal,
): Promise<DownloadResult | undefined> {
  const headers = { [CACHE_PASS_HEADER]: encodeCachePass(named.pass) }
  const nowMs = deps.clock.monotonicMs()
  for (const cache of named.caches.filter(({ key }) => (deps.away.get(key) ?? 0) <= nowMs)) {
    const client = deps.clientFor(cache.key)
    const origin = `https://${cache.address}`
    const problem = await waitUntilHere({ ...deps, client, origin, headers }, file, signal)
    const url = `${origin}/v1/blobs/${file.digest}`
    const result = problem ?? (await downloadBlob({ ...deps, client, url, headers, ...file }, signal))
    if (result.ok || result.code === 'storage_full') {
      deps.log.info('site_cache_fetched', { digest: file.digest, cache: cache.device, isFetched: result.ok })
      return result
    }
    const { code, message } = result
    if (IS_AWAY.includes(code)) deps.away.set(cache.key, deps.clock.monotonicMs() + AWAY_MS)
    deps.log.warn('site_cache_unused', { digest: file.digest, cache: cache.device, code, message })
  }
  return undefined
}

async function cachesOf(
  { hub: { hub, client }, log }: NearDownload,
  { digest }: WantedFile,
  signal: AbortSignal,
): Promise<SiteCaches | undefined> {
  const answer = await client.sendJson({ url: new URL(`/v1/blobs/${digest}/caches`, hub).href }, signal)
  const read = answer.ok ? SiteCaches.safeParse(answer.body) : undefined
  if (read?.success) return read.data
  const reason = answer.ok ? 'the answer of the hub cannot be read' : answer.message
  log.info('site_caches_unknown', { digest, reason })
  return undefined
}

type Order = NearDownload & {
  client: Pick<HttpsClient, 'sendJson'>
  origin: string
  headers: Record<string, string>
}

/** Waits as long as the cache makes progress. */
async function waitUntilHere(
  { client, clock, origin, headers }: Order,
  { digest }: WantedFile,
  signal: AbortSignal,
): Promise<(DownloadResult & { ok: false }) | undefined> {
  const url = `${origin}/v1/blobs/${digest}/order`
  let arrivedBytes = -1
  let movedAtMs = clock.monotonicMs()
  for (;;) {
    const answer = await client.sendJson({ method: 'POST', url, headers }, signal)
    if (!answer.ok) return answer
    const read = CacheOrder.safeParse(answer.body)
    if (!read.success) return stuck('the answer of the cache cannot be read')
    const { data: order } = read
    if (order.state === 'here') return undefined
    if (order.state === 'refused') return stuck(order.message ?? 'the cache does not fetch the file')
    if (order.arrivedBytes !== arrivedBytes) movedAtMs = clock.monotonicMs()
    arrivedBytes = order.arrivedBytes
    if (clock.monotonicMs() - movedAtMs > STUCK_MS) return stuck('the cache makes no progress')
    await clock.sleep(LOOK_MS, signal)
  }
}

/** The device goes on with the hub, so no item ever shows this code. */
const STUCK = 'request_refused'

const stuck = (message: string) => ({ ok: false, code: STUCK, message, retryable: false }) as const
