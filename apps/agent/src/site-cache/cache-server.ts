/**
 * Cache server: serves the files of the cache to neighbours over mutual TLS. Both sides show the certificates that the
 * hub issued to them. No authority is checked: the hub has signed the key of the neighbour in its pass, and has told
 * the neighbour the key of the cache.
 */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TLSSocket } from 'node:tls'
import { hashPublicKey } from '@skerry/platform/certificates/public-key-hash'
import type { FileHandle } from '@skerry/platform/files/file-system'
import type { Clock } from '@skerry/platform/process/clock'
import type { Log } from '@skerry/platform/process/log'
import type { Conditions } from '../conditions.ts'
import type { Identity } from '../joining/identity.ts'
import type { SumAnswer } from '../site-sums/sum-answers.ts'
import { answerNeighbour, type CacheGround, type CacheRequest } from './cache-answers.ts'
import type { CacheSwitches } from './cache-options.ts'

export type CacheServerDeps = Omit<CacheGround, 'trustedKeys' | 'ownKey'> & {
  /** Undefined before the device has joined. */
  credentials(): { identity: Identity; privateKey: string } | undefined
  /** Undefined if the request is not about the sum of a campaign. */
  answerSum?: (
    ground: Omit<CacheGround, 'store'>,
    request: CacheRequest & { body: AsyncIterable<Uint8Array> },
  ) => Promise<SumAnswer | undefined>
  clock: Clock
  conditions: Conditions
  log: Log
}

/** Some hundred neighbours at once. Each connection may read from the disk. */
const CONNECTIONS_MAX = 256

/** A neighbour that reads nothing for so long is gone. */
const IDLE_MS = 60_000

/** A new certificate counts within this time. A port that is taken is tried again after it. */
const LOOK_MS = 5_000

/** The code of the condition, when the cache does not serve. */
const UNAVAILABLE = 'site_cache_unavailable'

/** Serves until the signal fires. */
export async function serveCache({ listen }: CacheSwitches, deps: CacheServerDeps, signal: AbortSignal): Promise<void> {
  const { clock, conditions, log } = deps
  while (!signal.aborted) {
    const own = deps.credentials()
    if (own) {
      try {
        await serveAs(own, { listen, deps }, signal)
      } catch (error) {
        const message = `the cache of the site cannot listen on ${listen.host}:${listen.port}: ${String(error)}`
        conditions.raise({ code: UNAVAILABLE, message: message.slice(0, 1_000) })
        log.warn('site_cache_unavailable', { error })
      }
    }
    await clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}

type Own = { identity: Identity; privateKey: string }

/** Until the device has other keys or another certificate, or the signal fires. */
async function serveAs(
  { identity, privateKey }: Own,
  { listen, deps }: Pick<CacheSwitches, 'listen'> & { deps: CacheServerDeps },
  signal: AbortSignal,
): Promise<void> {
  const ownKey = hashPublicKey(privateKey)
  const server = createServer(
    {
      cert: identity.certificate,
      key: privateKey,
      minVersion: 'TLSv1.3',
      requestCert: true,
      // The pass of the hub names the key of the caller; TLS proves that the caller has it.
      rejectUnauthorized: false,
    },
    (request, response) => void answer({ ...deps, ownKey }, request, response),
  )
  server.maxConnections = CONNECTIONS_MAX
  server.setTimeout(IDLE_MS)
  server.listen(listen.port, listen.host)
  await once(server, 'listening')
  deps.conditions.clear(UNAVAILABLE)
  deps.log.info('site_cache_listens', { ...listen })
  while (!signal.aborted && deps.credentials()?.identity.certificate === identity.certificate) {
    await deps.clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
  await closeServer(server)
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await closed
}

async function answer(
  deps: CacheServerDeps & Pick<CacheGround, 'ownKey'>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const shown = (request.socket as TLSSocket).getPeerX509Certificate()
    const ground = { ...deps, trustedKeys: () => deps.credentials()?.identity.trustedKeys ?? [] }
    const asked = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      callerKey: shown && hashPublicKey(shown.publicKey),
    }
    const sum = await deps.answerSum?.(ground, { ...asked, body: request })
    const found = sum ?? (await answerNeighbour(ground, asked))
    request.resume()
    if ('json' in found) {
      response.writeHead(found.status, { 'content-type': 'application/json' }).end(JSON.stringify(found.json))
      return
    }
    await using file = found.file
    response.writeHead(found.status, found.headers)
    await pipeline(Readable.from(piecesOf(file, found.start), { objectMode: false }), response)
  } catch (error) {
    // A neighbour that hangs up continues at its last byte.
    deps.log.debug('site_cache_answer_failed', { error })
    response.destroy()
  }
}

const PIECE_BYTES = 256 * 1024

/** The socket keeps a piece until it is sent, so each one has its own memory. */
async function* piecesOf(file: FileHandle, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; ; ) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES)
    const length = await file.read(piece, at)
    if (length === 0) return
    yield piece.subarray(0, length)
    at += length
  }
}
