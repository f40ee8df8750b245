/**
 * Linger: answers a request whose body is not read. The connection ends after the answer, because it cannot be used
 * again. But a client that still sends would lose the answer if the connection closed at once. So the hub sends the
 * answer, reads nothing more, and closes a little later.
 */

import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * By then an active client has read the answer. A client that reads only after it has sent everything has lost it in
 * any case.
 */
const LINGER_MS = 1_000

/** If no more than this is left, the hub reads and discards it, and the connection stays usable. */
const REST_MAX = 16 * 1024

/** The payload that replaces this one. */
export function linger(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const isWhole = request.raw.complete || !hasLongBody(request)
  if (isWhole || !(typeof payload === 'string' || Buffer.isBuffer(payload))) return payload
  request.raw.pause()
  reply.headers({ connection: 'close', 'content-length': Buffer.byteLength(payload) })
  return Readable.from(slowly(Buffer.from(payload), reply), { objectMode: false })
}

const hasLongBody = ({ headers }: FastifyRequest) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > REST_MAX

async function* slowly(payload: Buffer, { raw }: FastifyReply) {
  yield payload
  const gone = new AbortController()
  raw.once('close', () => gone.abort())
  await sleep(LINGER_MS, undefined, { signal: gone.signal }).catch(() => undefined)
}
