/** Body read: takes the bytes of a request's body in, up to a limit. */
import type { FastifyRequest } from 'fastify'
import { problem } from './problem.ts'

export type Expected = {
  /** As the request says; the limit where it does not. */
  length: number
  bytesMax: number
}

/** Gives the bytes in a buffer of their own. */
export async function readBody({ raw, headers }: FastifyRequest, { length, bytesMax }: Expected) {
  return headers['transfer-encoding'] === undefined ? readExactly(raw, length) : readAtMost(raw, bytesMax)
}

type Bytes = AsyncIterable<Uint8Array>

async function readExactly(body: Bytes, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  let at = 0
  for await (const chunk of unbroken(body)) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  if (at < length) throw ended()
  return bytes
}

async function readAtMost(body: Bytes, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let total = 0
  for await (const chunk of unbroken(body)) {
    total += chunk.byteLength
    if (total > bytesMax) throw problem('body_too_large')
    chunks.push(chunk)
  }
  const bytes = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

const ended = () => problem('input_invalid', 'the body ended too early')

/** A connection that is cut is the caller's doing, and no failure of the hub. */
async function* unbroken(body: Bytes): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  while (true) {
    const next = await chunks.next().catch(() => undefined)
    if (!next) throw ended()
    if (next.done) return
    yield next.value
  }
}
