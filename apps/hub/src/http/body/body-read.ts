/** Body read: takes the bytes of a request's body in, up to a limit. */
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { problem } from '../problem.ts'

export type Expected = {
  /** As the request says; the limit where it does not. */
  length: number
  bytesMax: number
}

/** Gives the bytes in a buffer of their own. */
export async function readBody({ raw, headers }: FastifyRequest, { length, bytesMax }: Expected) {
  return headers['transfer-encoding'] === undefined ? readExactly(raw, length) : readAtMost(raw, bytesMax)
}

async function readExactly(raw: IncomingMessage, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length)
  // [node:http] The parser ends a body at the length that it announced.
  const total = await eachChunk(raw, length, (chunk, at) => bytes.set(chunk, at))
  if (total < length) throw ended()
  return bytes
}

async function readAtMost(raw: IncomingMessage, bytesMax: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  const total = await eachChunk(raw, bytesMax, (chunk) => void chunks.push(chunk))
  const bytes = new Uint8Array(total)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** Gives how many bytes came. By events: an iterator would cost more than all else that is done with a chunk. */
function eachChunk(raw: IncomingMessage, bytesMax: number, take: (chunk: Uint8Array, at: number) => void) {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  // A connection that was cut before tells no more of it.
  if (raw.destroyed && !raw.readableEnded) reject(ended())
  let total = 0
  const onData = (chunk: Uint8Array) => {
    if (total + chunk.byteLength > bytesMax) {
      raw.off('data', onData)
      raw.pause()
      return reject(problem('body_too_large'))
    }
    take(chunk, total)
    total += chunk.byteLength
  }
  raw.on('data', onData)
  raw.once('end', () => resolve(total))
  // After the end, this changes nothing.
  for (const event of ['error', 'close'] as const) raw.once(event, () => reject(ended()))
  return promise
}

/** A connection that is cut is the caller's doing, and no failure of the hub. */
export const ended = () => problem('input_invalid', 'the body ended too early')
