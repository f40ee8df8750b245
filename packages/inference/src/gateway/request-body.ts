/** Request body: short bodies are kept, so that another place can get them; long ones pass through. */
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { BODY_BYTES_MAX } from '../rest/rest-server.ts'
import type { Refusal } from './caller-check.ts'
import { KEPT_BYTES_MAX } from './place-client.ts'

export type TakenBody = { ok: true; body: Buffer | Readable | undefined; length: number | undefined } | Refusal

const TOO_LARGE: Refusal = {
  ok: false,
  status: 413,
  code: 'body_too_large',
  message: `the body is over ${BODY_BYTES_MAX} bytes: send fewer rows at once`,
}

const BROKEN: Refusal = { ok: false, status: 400, code: 'input_invalid', message: 'the body broke off' }

/** Reads the body, or the beginning of a long one. */
export function takeBody(request: IncomingMessage): Promise<TakenBody> {
  const stated = request.headers['content-length']
  const length = stated === undefined ? undefined : Number(stated)
  if (length !== undefined && length > BODY_BYTES_MAX) return Promise.resolve(TOO_LARGE)
  if (length === 0 || (length === undefined && request.headers['transfer-encoding'] === undefined)) {
    return Promise.resolve({ ok: true, body: undefined, length: 0 })
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const done = (taken: TakenBody) => {
      request.off('data', onData).off('end', onEnd).off('close', onClose)
      resolve(taken)
    }
    const onData = (chunk: Buffer) => {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes <= KEPT_BYTES_MAX) return
      request.pause()
      done({ ok: true, body: Readable.from(joined(chunks, request), { objectMode: false }), length })
    }
    const onEnd = () => done({ ok: true, body: Buffer.concat(chunks, bytes), length: bytes })
    const onClose = () => done(BROKEN)
    request.on('data', onData).on('end', onEnd).on('close', onClose)
    request.on('error', onClose)
  })
}

async function* joined(chunks: readonly Buffer[], rest: IncomingMessage): AsyncGenerator<Buffer> {
  let bytes = 0
  for (const chunk of chunks) {
    bytes += chunk.length
    yield chunk
  }
  for await (const chunk of rest) {
    bytes += chunk.length
    // [RFC 9112, 7.1] A body in chunks has no stated length.
    if (bytes > BODY_BYTES_MAX) throw new Error(TOO_LARGE.message)
    yield chunk
  }
}
