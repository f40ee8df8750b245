/** Bodies of REST requests: read into one buffer of their own, within limits for one body and for all at once. */
import type { IncomingMessage } from 'node:http'
import { type Failure, fail } from '../host/failure.ts'
import { type Decode, decoderFor } from './body-encoding.ts'

/** A body, laid out so that what follows `jsonLength` bytes starts at a multiple of eight, where any tensor may begin. */
export type Body = { ok: true; data: Uint8Array<ArrayBuffer> } | Failure

export type BodyReader = (request: IncomingMessage, jsonLength: number) => Promise<Body>

/** Bodies on their way at one time, as multiples of the largest allowed: four keep a runner within a gateway's memory. */
const BODIES_AT_ONCE = 4

/** A reader that refuses a body over `bytesMax`, and a further body while those on the way fill the memory set aside. */
export function createBodyReader(bytesMax: number): BodyReader {
  let reserved = 0
  return async (request, jsonLength) => {
    const limits = { declared: declaredLength(request), bytesMax }
    const decodedMax = decodedBytesMax(limits)
    const decoder = decoderFor(request.headers['content-encoding'], decodedMax)
    if (!decoder.ok) return decoder
    const { declared = bytesMax } = limits
    if (declared > bytesMax) return fail('body_too_large', `the body is over ${bytesMax} bytes: send less at a time`)
    // Nobody knows how large a chunked body becomes, so it takes as much as it may.
    const size = decoder.value && limits.declared !== undefined ? declared + decodedMax : declared
    if (reserved > 0 && reserved + size > bytesMax * BODIES_AT_ONCE) {
      return fail('queue_full', 'too many large bodies are in transfer: try again later')
    }
    reserved += size
    try {
      return await readDecoded(request, { limits, decode: decoder.value, jsonLength })
    } finally {
      reserved -= size
    }
  }
}

/** [zlib.net, technical details] Two bits of deflate stand for 258 bytes at most, so a byte stands for 1,032. */
const EXPANSION_MAX = 1_032

/** So large may a compressed body become. The decoder wants a maximum of one byte at least. */
const decodedBytesMax = ({ bytesMax, declared = bytesMax }: Limits) =>
  Math.max(1, Math.min(bytesMax, declared * EXPANSION_MAX))

type Reading = { limits: Limits; decode: Decode | undefined; jsonLength: number }

async function readDecoded(request: IncomingMessage, { limits, decode, jsonLength }: Reading): Promise<Body> {
  if (!decode) return readWhole(request, limits, jsonLength)
  const encoded = await readWhole(request, limits, 0)
  return encoded.ok ? decodeBody(encoded.data, decode, jsonLength) : encoded
}

type Limits = { declared: number | undefined; bytesMax: number }

const readWhole = (request: IncomingMessage, { declared, bytesMax }: Limits, jsonLength: number) =>
  declared === undefined ? readChunked(request, bytesMax, jsonLength) : readSized(request, declared, jsonLength)

async function decodeBody(bytes: Uint8Array, decode: Decode, jsonLength: number): Promise<Body> {
  const decoded = await decode(bytes)
  if (!decoded.ok) return decoded
  const from = padding(jsonLength)
  const whole = new Uint8Array(from + decoded.value.byteLength)
  whole.set(decoded.value, from)
  return { ok: true, data: whole.subarray(from) }
}

const declaredLength = ({ headers }: IncomingMessage) => {
  if (headers['transfer-encoding'] !== undefined) return undefined
  return Number(headers['content-length'] ?? 0)
}

/** Where the body begins in its buffer, so that its binary part is aligned. */
const padding = (jsonLength: number) => (8 - (jsonLength % 8)) % 8

function readSized(request: IncomingMessage, size: number, jsonLength: number): Promise<Body> {
  const from = padding(jsonLength)
  const whole = new Uint8Array(from + size)
  return new Promise((resolve) => {
    let at = from
    request.on('data', (chunk: Buffer) => {
      whole.set(chunk, at)
      at += chunk.byteLength
    })
    request.on('end', () => resolve({ ok: true, data: whole.subarray(from) }))
    whenGone(request, resolve)
  })
}

function readChunked(request: IncomingMessage, bytesMax: number, jsonLength: number): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      if (size <= bytesMax) chunks.push(chunk)
      else resolve(fail('body_too_large', `the body is over ${bytesMax} bytes: send less at a time`))
    })
    request.on('end', () => {
      const from = padding(jsonLength)
      const whole = new Uint8Array(from + size)
      let at = from
      for (const chunk of chunks) {
        whole.set(chunk, at)
        at += chunk.byteLength
      }
      resolve({ ok: true, data: whole.subarray(from) })
    })
    whenGone(request, resolve)
  })
}

function whenGone(request: IncomingMessage, resolve: (body: Body) => void): void {
  const gone = () => resolve(fail('request_cancelled', 'the client went away'))
  request.on('error', gone)
  request.on('close', gone)
}
