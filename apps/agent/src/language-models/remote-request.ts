/** Remote request: one HTTP request to the server of an app, with its body in JSON. */
import { type Agent, type IncomingMessage, request as sendRequest } from 'node:http'

export type RemotePlace = { host: string; port: number; agent: Agent }

type RemoteOrder = { method: 'GET' | 'POST'; path: string; body?: object }

/** The server gives no whole answer. */
export class RemoteAway extends Error {}

/** The embeddings of 64 texts in JSON, with 8,192 numbers each. */
const WHOLE_BYTES_MAX = 16 * 1024 * 1024

/** Resolves with the head of the answer. The signal ends the request and its answer. */
export function sendRemote(place: RemotePlace, order: RemoteOrder, signal: AbortSignal): Promise<IncomingMessage> {
  const { host, port, agent } = place
  const { method, path, body } = order
  const bytes = body && Buffer.from(JSON.stringify(body))
  const headers = bytes ? { 'content-type': 'application/json', 'content-length': bytes.length } : {}
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const outgoing = sendRequest({ host, port, agent, method, path, headers, signal }, resolve)
  outgoing.on('error', (cause) => {
    // The server closed the kept connection just before it was used: it has read nothing of the request.
    if (outgoing.reusedSocket && 'code' in cause && cause.code === 'ECONNRESET')
      resolve(sendRemote(place, order, signal))
    else reject(new RemoteAway(`the server of the app is away: ${cause.message}`, { cause }))
  })
  outgoing.end(bytes)
  return promise
}

/** The answer as text. */
export async function readWhole(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.byteLength
    if (size > WHOLE_BYTES_MAX) throw new RangeError(`the answer of the server is over ${WHOLE_BYTES_MAX} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
