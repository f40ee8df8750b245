/** Remote call: one HTTP request to the server of a remote model. */
import { type Agent, type IncomingMessage, request as sendRequest } from 'node:http'
import { awayMessage, type RemoteModel } from './remote-model.ts'

/** The largest body that the endpoints of a device accept; an answer has no reason to be larger. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024

/** [Binary tensor data extension] The header with the end of the JSON, which is the start of the bytes. */
const LENGTH_HEADER = 'inference-header-content-length'

export type RemoteRequest = {
  method: 'GET' | 'POST'
  path: string
  /** Absent: without a body. `jsonBytes` is the length of the JSON if binary tensors follow it. */
  body?: { pieces: readonly Uint8Array[]; jsonBytes?: number }
}

export type RemoteReply = {
  status: number
  bytes: Buffer<ArrayBuffer>
  /** The length of the JSON if binary tensors follow it. */
  jsonBytes: number | undefined
}

/** Throws with words for a person if there is no whole answer. */
export async function callRemote(remote: RemoteModel, agent: Agent, request: RemoteRequest): Promise<RemoteReply> {
  const response = await send(remote, agent, request)
  const declared = Number(response.headers[LENGTH_HEADER])
  return {
    status: response.statusCode ?? 0,
    bytes: await bytesOf(response),
    jsonBytes: Number.isInteger(declared) && declared >= 0 ? declared : undefined,
  }
}

function send(remote: RemoteModel, agent: Agent, request: RemoteRequest): Promise<IncomingMessage> {
  const { host, port, timeoutMs } = remote
  const { method, path, body } = request
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const outgoing = sendRequest({ host, port, agent, method, path, headers: headersOf(body) }, resolve)
  outgoing.setTimeout(timeoutMs, () => outgoing.destroy(new Error(`it was silent for ${timeoutMs} ms`)))
  outgoing.on('error', (cause) => {
    // The server closed the kept connection just before it was used: it has read nothing of the request.
    if (outgoing.reusedSocket && 'code' in cause && cause.code === 'ECONNRESET') resolve(send(remote, agent, request))
    else reject(new Error(awayMessage(cause.message), { cause }))
  })
  const pieces = body?.pieces ?? []
  for (const piece of pieces.slice(0, -1)) outgoing.write(piece)
  // The head and the last piece leave in one write to the socket, so the server reads a small request at once.
  outgoing.end(pieces.at(-1))
  return promise
}

function headersOf(body: RemoteRequest['body']): Record<string, string | number> {
  if (!body) return {}
  const length = body.pieces.reduce((sum, { byteLength }) => sum + byteLength, 0)
  const { jsonBytes } = body
  return {
    'content-type': jsonBytes === undefined ? 'application/json' : 'application/octet-stream',
    'content-length': length,
    ...(jsonBytes !== undefined && { [LENGTH_HEADER]: jsonBytes }),
  }
}

function bytesOf(response: IncomingMessage): Promise<Buffer<ArrayBuffer>> {
  const pieces: Buffer[] = []
  let size = 0
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer>>()
  // Events cost half of the time of an iterator, and an answer is usually one piece.
  response.on('data', (piece: Buffer) => {
    size += piece.byteLength
    if (size <= ANSWER_BYTES_MAX) pieces.push(piece)
    else response.destroy(new RangeError(`the answer of the server is over ${ANSWER_BYTES_MAX} bytes`))
  })
  response.on('end', () => resolve(Buffer.concat(pieces)))
  response.on('error', (cause) =>
    reject(cause instanceof RangeError ? cause : new Error(awayMessage(cause.message), { cause })),
  )
  return promise
}
