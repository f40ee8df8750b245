/**
 * Fetch file: one file of a web server into a folder. It continues after cuts, and after the command was run again, and
 * the file has its name only when it is complete and has the stated digest.
 *
 * [RFC 9110 13.1.5, 14.2, 15.3.7] `If-Range` requests the rest of exactly the same file, or all of it.
 */
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request as requestPlain } from 'node:http'
import { request as requestSecure } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { FILE_SIZE_MAX } from '@skerry/contract/models/model'
import { backoffMs } from '@skerry/core/values/backoff'
import { digestOfStream } from '../files/hash.ts'
import { refuseHostileFile } from './hostile.ts'
import type { ImportHost } from './import-host.ts'
import { ImportProblem, importProblem } from './import-problem.ts'

export type Fetch = {
  url: URL
  /** The name of the file when it is complete. */
  target: string
  digest: string | undefined
  /** Of the header of this name; the server that the person named gets it, and no other. */
  authorization: string | undefined
  authorities: string | undefined
  accept?: string
  /** Nobody opens the file here, such as a layer of an image. So its form does not matter. */
  isOpaque?: true
  /** Smaller than the limit of all files, for documents. */
  sizeMax?: number
  /** The host unpacks it with limits. All other files must not be archives. */
  isArchive?: boolean
}

/** Stores of objects answer with the address of another server, and that one sometimes with a third. */
const REDIRECTS_MAX = 5

/** Tries in a row without a byte, with waits of some 30 s in all. */
const ATTEMPTS_MAX = 6
const BACKOFF = { baseMs: 500, maxMs: 15_000 }

/** A connection without a byte for this time is dead. */
export const IDLE_MS = 30_000

type Part = { sizeBytes: number; validator: string | undefined }

/** The partial file, and the validator of its bytes beside it. */
const pathsOf = (target: string) => ({ partial: `${target}.partial`, validator: `${target}.validator` })

/** Fetches the file, or its missing part. */
export async function fetchFile(fetch: Fetch, host: ImportHost): Promise<void> {
  const { target, digest } = fetch
  const { partial, validator } = pathsOf(target)
  const hadBytes = (await partOf(target)).sizeBytes > 0
  await fetchParts(fetch, host)
  if (digest !== undefined && (await digestOfFile(partial, host.signal)) !== digest) {
    await rm(partial, { force: true })
    await rm(validator, { force: true })
    // Bytes of an earlier run may be at fault.
    if (hadBytes) return fetchFile(fetch, host)
    throw importProblem('import_refused', `the bytes of ${shownUrl(fetch.url)} do not have the digest ${digest}`, {
      next: 'compare the digest with the one that the publisher states; import nothing that differs',
    })
  }
  if (!fetch.isArchive && !fetch.isOpaque) await refuseHostileFile(partial)
  await rename(partial, target)
  await rm(validator, { force: true })
}

/**
 * The strong tag of the file, or its length and time; undefined if the server states neither. Nothing is fetched.
 *
 * [RFC 9110 8.8] Servers that do not know HEAD answer with an error, which is no problem of the file.
 */
export async function fileRevision(fetch: Fetch, host: ImportHost): Promise<string | undefined> {
  const response = await requestFollowed(fetch, {}, host, 'HEAD').catch((error: unknown) => {
    host.signal.throwIfAborted()
    throw connectTrouble(fetch, error).failure
  })
  response.destroy()
  const { statusCode = 0, headers } = response
  if (statusCode === 401 || statusCode === 403) throw statusTrouble(fetch, statusCode).failure
  const { etag, 'last-modified': changed, 'content-length': length } = headers
  if (statusCode !== 200) return undefined
  if (etag !== undefined) return etag
  return changed === undefined ? undefined : `${changed}, ${length ?? '?'} bytes`
}

/** The address without its query: a signed address is a secret. */
export const shownUrl = (url: URL): string => `${url.origin}${url.pathname}`

async function digestOfFile(path: string, signal: AbortSignal): Promise<string> {
  return (await digestOfStream(createReadStream(path), signal)).digest
}

async function partOf(target: string): Promise<Part> {
  const { partial, validator } = pathsOf(target)
  const sizeBytes = (await stat(partial).catch(() => undefined))?.size ?? 0
  const stated = await readFile(validator, 'utf8').catch(() => '')
  return { sizeBytes, validator: stated === '' ? undefined : stated }
}

async function fetchParts(fetch: Fetch, host: ImportHost): Promise<void> {
  for (let attempt = 1; ; ) {
    const before = (await partOf(fetch.target)).sizeBytes
    const problem = await fetchRest(fetch, host)
    if (!problem) return
    host.signal.throwIfAborted()
    const hasMore = (await partOf(fetch.target)).sizeBytes > before
    attempt = hasMore ? 1 : attempt + 1
    if (!problem.isPassing || attempt > ATTEMPTS_MAX) throw problem.failure
    await sleep(backoffMs(attempt, BACKOFF, host.random()), undefined, { signal: host.signal })
  }
}

type Trouble = { failure: ImportProblem; isPassing: boolean }

/** One request, with its redirects. Undefined if all bytes are here. */
async function fetchRest(fetch: Fetch, host: ImportHost): Promise<Trouble | undefined> {
  const part = await partOf(fetch.target)
  // Without a validator, only the digest tells whether the rest belongs to the same file.
  const mayContinue = part.sizeBytes > 0 && (part.validator !== undefined || fetch.digest !== undefined)
  const headers: Record<string, string> = {
    'accept-encoding': 'identity',
    ...(fetch.accept !== undefined && { accept: fetch.accept }),
    ...(mayContinue && { range: `bytes=${part.sizeBytes}-` }),
    ...(mayContinue && part.validator !== undefined && { 'if-range': part.validator }),
  }
  let response: IncomingMessage
  try {
    response = await requestFollowed(fetch, headers, host)
  } catch (error) {
    if (host.signal.aborted) throw error
    return connectTrouble(fetch, error)
  }
  try {
    return await received(fetch, { response, part }, host)
  } finally {
    response.destroy()
  }
}

/** Follows redirects, and gives the last answer. Read or destroy it. */
export async function requestFollowed(
  { url, authorization, authorities }: Pick<Fetch, 'url' | 'authorization' | 'authorities'>,
  headers: Record<string, string>,
  host: ImportHost,
  method: 'GET' | 'HEAD' = 'GET',
): Promise<IncomingMessage> {
  let at = url
  for (let redirects = 0; ; redirects++) {
    const auth = authorization !== undefined && at.origin === url.origin ? { authorization } : {}
    const response = await sendRequest(at, { method, headers: { ...headers, ...auth }, authorities }, host)
    const { statusCode = 0, headers: answered } = response
    if (statusCode < 300 || statusCode > 399 || answered.location === undefined) return response
    response.destroy()
    const next = new URL(answered.location, at)
    if (redirects === REDIRECTS_MAX) throw new Error(`the server redirects more than ${REDIRECTS_MAX} times`)
    if (at.protocol === 'https:' && next.protocol !== 'https:')
      throw new Error('the server redirects from https to an address without encryption')
    at = next
  }
}

type Sending = {
  method: 'GET' | 'HEAD' | 'POST' | 'PUT'
  headers: Record<string, string | number>
  authorities: string | undefined
  /** The bytes of the request; none by default. */
  body?: Readable
}

/** One request, on the way that the host chooses. Read or destroy the answer. */
export async function sendRequest(url: URL, sending: Sending, host: ImportHost): Promise<IncomingMessage> {
  const { method, headers, authorities, body } = sending
  const agent = await host.agentFor(url, authorities)
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const options = { method, headers, signal: host.signal, timeout: IDLE_MS, agent }
  const request = url.protocol === 'https:' ? requestSecure(url, options) : requestPlain(url, options)
  request.once('response', resolve)
  request.once('error', reject)
  request.once('timeout', () => request.destroy(new Error(`no byte arrived for ${IDLE_MS / 1_000} seconds`)))
  if (body) pipeline(body, request, { signal: host.signal }).catch(reject)
  else request.end()
  return promise
}

type Received = { response: IncomingMessage; part: Part }

async function received(fetch: Fetch, { response, part }: Received, host: ImportHost): Promise<Trouble | undefined> {
  const { statusCode = 0, headers } = response
  if (statusCode === 416) return beginAnew(fetch, host.signal)
  if (statusCode !== 200 && statusCode !== 206) return statusTrouble(fetch, statusCode)
  const start = statusCode === 206 ? part.sizeBytes : 0
  if (statusCode === 206 && !headers['content-range']?.startsWith(`bytes ${start}-`))
    return { failure: cut(fetch, 'the server sent another part than the requested one'), isPassing: false }
  const rest = Number(headers['content-length'] ?? Number.NaN)
  refuseLarge(fetch, start + (Number.isFinite(rest) ? rest : 0))
  await keepValidator(pathsOf(fetch.target).validator, headers)
  return takeBody(fetch, { response, start, rest }, host)
}

/** [RFC 9110 15.5.17] The server has no such rest: the file is complete, or another one. */
async function beginAnew(fetch: Fetch, signal: AbortSignal): Promise<Trouble | undefined> {
  const { partial, validator } = pathsOf(fetch.target)
  await rm(validator, { force: true })
  if (fetch.digest !== undefined && (await digestOfFile(partial, signal)) === fetch.digest) return undefined
  await rm(partial, { force: true })
  return { failure: cut(fetch, 'the file changed on the server'), isPassing: true }
}

function refuseLarge({ url, sizeMax = FILE_SIZE_MAX }: Fetch, sizeBytes: number): void {
  if (sizeBytes > sizeMax)
    throw importProblem('import_refused', `${shownUrl(url)} has more than the ${sizeMax} bytes that a file may have`, {
      next: 'split the weights into several files of external data',
    })
}

type Body = { response: IncomingMessage; start: number; rest: number }

async function takeBody(fetch: Fetch, { response, start, rest }: Body, host: ImportHost): Promise<Trouble | undefined> {
  const total = start + (Number.isFinite(rest) ? rest : 0)
  using progress = host.progress(`fetching ${fetch.url.pathname.split('/').at(-1) ?? ''}`, total)
  let arrived = start
  // Each piece is on the disk before the next one: a stream would drop its last pieces when the connection breaks.
  await using file = await open(pathsOf(fetch.target).partial, start > 0 ? 'a' : 'w')
  for (const pieces = response[Symbol.asyncIterator](); ; ) {
    const next = await pieces.next().catch((error: unknown) => ({ error }))
    if ('error' in next) {
      if (host.signal.aborted) throw next.error
      return { failure: cut(fetch, `the transfer ended after ${arrived} bytes`), isPassing: true }
    }
    if (next.done) break
    const piece = next.value as Buffer
    arrived += piece.length
    refuseLarge(fetch, arrived)
    await file.appendFile(piece)
    progress.at(arrived)
  }
  if (arrived >= total) return undefined
  return { failure: cut(fetch, `the transfer ended after ${arrived} of ${total} bytes`), isPassing: true }
}

/** [RFC 9110 8.8.1] A weak tag does not promise the same bytes. */
async function keepValidator(path: string, headers: IncomingMessage['headers']): Promise<void> {
  const tag = headers.etag
  const stated = tag !== undefined && !tag.startsWith('W/') ? tag : undefined
  await (stated === undefined ? rm(path, { force: true }) : writeFile(path, stated))
}

const codeOf = (error: Error): string => ('code' in error ? String(error.code) : '')

const cut = (fetch: Fetch, what: string): ImportProblem =>
  importProblem('import_failed', `${shownUrl(fetch.url)}: ${what}`, {
    next: 'run the same command again: it continues where it ended',
  })

function statusTrouble(fetch: Fetch, status: number): Trouble {
  const where = shownUrl(fetch.url)
  if (status === 401 || status === 403) {
    const what = fetch.authorization === undefined ? 'needs credentials' : 'rejects the token'
    const next =
      fetch.authorization === undefined
        ? 'give a token with --token-file, or a signed address that has not expired'
        : 'get a new token that may read this file'
    return { failure: importProblem('import_failed', `${where} ${what} (${status})`, { next }), isPassing: false }
  }
  const isPassing = status === 408 || status === 425 || status === 429 || status >= 500
  const next = status === 404 ? 'check the address' : 'try again later, or ask the owner of the server'
  return { failure: importProblem('import_failed', `${where}: the server answered ${status}`, { next }), isPassing }
}

/** [OpenSSL, X509_V_ERR_*] as Node names them. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired; let its owner renew it, and check the clock of this computer',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clock of this computer',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name; check the address',
}
const UNKNOWN_AUTHORITY = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
]

/** The failure of a request without an answer. */
export function connectTrouble(fetch: Pick<Fetch, 'url'>, error: unknown): Trouble {
  // The host itself refused the address.
  if (error instanceof ImportProblem) return { failure: error, isPassing: false }
  const { code, message } = rootOf(error)
  const where = shownUrl(fetch.url)
  const words = UNKNOWN_AUTHORITY.includes(code)
    ? 'an unknown authority signed its certificate; give the certificate of that authority with --ca'
    : CERTIFICATES[code]
  if (words !== undefined) {
    const [what, next = ''] = words.split('; ')
    return { failure: importProblem('import_failed', `${where} is not trusted: ${what}`, { next }), isPassing: false }
  }
  const isProxy = code.startsWith('ERR_PROXY')
  const next = isProxy
    ? 'check HTTPS_PROXY and NO_PROXY, and that the proxy admits this address'
    : 'check the address, the network, and HTTPS_PROXY if the way out is a proxy'
  const isPassing = !isProxy && code !== 'ENOTFOUND' && code !== ''
  return { failure: importProblem('import_failed', `cannot reach ${where}: ${message}`, { next }), isPassing }
}

function rootOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  const [inner] = error instanceof AggregateError ? (error.errors as unknown[]) : []
  const shown = inner instanceof Error ? inner : error
  return { code: codeOf(error) || codeOf(shown), message: shown.message || codeOf(shown) }
}
