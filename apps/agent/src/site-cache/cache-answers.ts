/** Cache answers: the answers of a cache to a request, without the network. */
import { CACHE_PASS_HEADER, type CacheOrder } from '@skerry/contract/chunks/site-cache'
import { Digest } from '@skerry/contract/values/digest'
import { openCachePass } from '@skerry/platform/chunks/cache-pass'
import type { FileHandle } from '@skerry/platform/files/file-system'
import type { CacheStore } from './cache-store.ts'

export type CacheRequest = {
  method: string
  path: string
  headers: Readonly<Record<string, string | string[] | undefined>>
  /** The hash of the key that the caller proved by TLS. Undefined if it has shown none. */
  callerKey: string | undefined
}

export type CacheAnswer =
  | { status: number; json: CacheOrder | { code: string; message: string } }
  | { status: 200 | 206; headers: Record<string, string>; file: FileHandle; start: number }

export type CacheGround = {
  store: CacheStore
  /** The hash of the key of this device. */
  ownKey: string
  /** The keys of the hub that this device trusts. */
  trustedKeys(): readonly string[]
  nowMs(): number
}

const PATH = /^\/v1\/blobs\/([^/]+?)(\/order)?$/

/** Answers a neighbour. The caller closes the file of the answer. */
export async function answerNeighbour(ground: CacheGround, request: CacheRequest): Promise<CacheAnswer> {
  const [, name, order] = PATH.exec(request.path) ?? []
  const digest = Digest.safeParse(name)
  const isKnown = digest.success && request.method === (order === undefined ? 'GET' : 'POST')
  if (!isKnown) return refuse(404, 'cache_path_unknown', 'a cache of a site serves files only')
  const blob = digest.data
  const callerKey = request.callerKey ?? ''
  const text = String(request.headers[CACHE_PASS_HEADER] ?? '')
  const trust = { cacheKey: ground.ownKey, trustedKeys: ground.trustedKeys(), nowMs: ground.nowMs() }
  const opened = openCachePass(text, { blob, callerKey, ...trust })
  if (!opened.ok) return refuse(403, 'cache_pass_refused', opened.message)
  if (order !== undefined) {
    return { status: 200, json: await ground.store.order({ digest: blob, sizeBytes: opened.pass.sizeBytes }) }
  }
  return sendFile(ground.store, blob, request.headers)
}

async function sendFile(store: CacheStore, digest: Digest, headers: CacheRequest['headers']): Promise<CacheAnswer> {
  const file = await store.open(digest)
  // Removed since its order: the neighbour orders it again.
  if (!file) return refuse(503, 'cache_file_gone', 'the file is no longer here; order it again')
  const sizeBytes = await file.sizeBytes()
  const start = startOf(headers, digest)
  const about = { etag: `"${digest}"`, 'content-type': 'application/octet-stream' }
  if (start === 0 || start >= sizeBytes) {
    return { status: 200, headers: { ...about, 'content-length': String(sizeBytes) }, file, start: 0 }
  }
  const range = { 'content-range': `bytes ${start}-${sizeBytes - 1}/${sizeBytes}` }
  return { status: 206, headers: { ...about, ...range, 'content-length': String(sizeBytes - start) }, file, start }
}

/** [RFC 9110 14.2] A server may ignore a range, and sends the whole file then. */
function startOf({ range, 'if-range': condition }: CacheRequest['headers'], digest: Digest): number {
  const [, start] = /^bytes=(\d{1,15})-$/.exec(String(range ?? '')) ?? []
  const isSame = condition === undefined || condition === `"${digest}"`
  return start !== undefined && isSame ? Number(start) : 0
}

const refuse = (status: number, code: string, message: string): CacheAnswer => ({ status, json: { code, message } })
