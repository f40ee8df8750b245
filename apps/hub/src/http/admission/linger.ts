/**
 * Linger: how a request is answered whose body nobody reads. The connection ends with the answer, for it cannot be used again; but a client
 * that still sends would lose the answer if it ended at once. So the answer goes out, nothing more is read, and the end comes a little later.
 */

import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** A client that is here has read the answer by then. One that reads nothing until all is sent has lost it anyway. */
const LINGER_MS = 1_000

/** So much that is still to come is read and thrown away, and the connection stays usable. */
const REST_MAX = 16 * 1024

/** The payload to send in place of this one. */
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
