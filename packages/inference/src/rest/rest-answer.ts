/** Answers of the REST door, and how they are written to a socket. */
import type { ServerResponse } from 'node:http'
import { type Failure, HTTP_STATUS } from '../host/failure.ts'
import { CODINGS } from './body-encoding.ts'
import type { OipResponse } from './oip-response.ts'

export type Answer = {
  status: number
  type: string
  headers?: Record<string, string | number>
  body: string
  /** Follows the body, which is JSON then. */
  binary?: readonly Uint8Array[]
}

/** A queue of tiny requests is empty within a second; of slow ones it is not, and the next 429 says so again. */
const RETRY_AFTER_SECONDS = 1

/** An answer with a JSON body. */
export const jsonAnswer = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})

/** [Error response] `{"error": string}`, with Retry-After when waiting helps. [RFC 9110, 415] Accept-Encoding names the known codings. */
export function failureAnswer({ code, message }: Failure): Answer {
  const answer = jsonAnswer(HTTP_STATUS[code], { error: message })
  if (code === 'encoding_unsupported') return { ...answer, headers: { 'Accept-Encoding': CODINGS } }
  const isPassing = code === 'queue_full' || code === 'model_unready'
  return isPassing ? { ...answer, headers: { 'Retry-After': RETRY_AFTER_SECONDS } } : answer
}

/** [Binary tensor data extension] JSON alone, or JSON and bytes with the JSON's length in a header. */
export function inferAnswer({ json, binary }: Extract<OipResponse, { ok: true }>): Answer {
  if (binary === undefined) return { status: 200, type: 'application/json', body: json }
  const headers = { 'Inference-Header-Content-Length': Buffer.byteLength(json) }
  return { status: 200, type: 'application/octet-stream', headers, body: json, binary }
}

/** Below this, one copy into a single write is cheaper than handing the socket several buffers. */
const JOINED_BYTES_MAX = 64 * 1024

/** What the answer takes until its client has read it. */
export const answerSize = ({ body, binary = [] }: Answer): number =>
  binary.reduce((sum, part) => sum + part.byteLength, body.length)

/** Writes the answer, and closes the connection behind it if asked to. */
export function writeAnswer(response: ServerResponse, answer: Answer, { isLast }: { isLast: boolean }): void {
  const { status, type, headers, body, binary = [] } = answer
  const head = Buffer.from(body)
  const length = binary.reduce((sum, part) => sum + part.byteLength, head.byteLength)
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': length,
    ...headers,
    ...(isLast ? { Connection: 'close' } : undefined),
  })
  if (length <= JOINED_BYTES_MAX) {
    response.end(binary.length === 0 ? head : Buffer.concat([head, ...binary], length))
    return
  }
  response.cork()
  response.write(head)
  for (const part of binary) response.write(part)
  response.uncork()
  response.end()
}
