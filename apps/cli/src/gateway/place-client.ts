/** Place client: sends one attempt to a place over a kept connection, and gets the answer back byte by byte. */
import { Agent as HttpAgent, type IncomingMessage, request as startHttp } from 'node:http'
import { Agent as HttpsAgent, request as startHttps } from 'node:https'
import type { Readable } from 'node:stream'

export type PlaceRequest = {
  address: string
  method: string
  path: string
  headers: Readonly<Record<string, string>>
  body: Buffer | Readable | undefined
}

export type PlaceAnswer = {
  ok: true
  status: number
  headers: IncomingMessage['headers']
  /** The whole body if it is short, else its beginning. */
  start: Buffer
  /** The rest of a long body. */
  rest: IncomingMessage | undefined
}

export type PlaceFailure = {
  ok: false
  /** Whether the place may have seen the request. */
  isSent: boolean
  message: string
}

export type PlaceClient = Disposable & {
  ask(request: PlaceRequest, signal: AbortSignal): Promise<PlaceAnswer | PlaceFailure>
}

/** A place that does not take a connection in this time is as good as gone; any network is faster. */
const CONNECT_MS = 1_000

/** Answers up to this size are complete before the caller gets their first byte, so that a broken one can be repeated. */
export const KEPT_BYTES_MAX = 1024 * 1024

/** [inference, PORT_LIMITS] Shorter than the time after which a device ends an idle connection. */
const IDLE_MS = 60_000

export function openPlaceClient(): PlaceClient {
  const options = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' } as const
  const http = new HttpAgent(options)
  const https = new HttpsAgent(options)
  return {
    ask: (request, signal) => {
      const isTls = request.address.startsWith('https:')
      return exchange(request, { agent: isTls ? https : http, start: isTls ? startHttps : startHttp }, signal)
    },
    [Symbol.dispose]() {
      http.destroy()
      https.destroy()
    },
  }
}

type Way = { agent: HttpAgent; start: typeof startHttp }

function exchange(
  { address, method, path, headers, body }: PlaceRequest,
  { agent, start }: Way,
  signal: AbortSignal,
): Promise<PlaceAnswer | PlaceFailure> {
  return new Promise((resolve) => {
    const { hostname, port, protocol } = new URL(address)
    const host = hostname.replace(/^\[(.*)\]$/, '$1')
    const request = start({ host, port, protocol, method, path, headers, agent, signal })
    let isSent = false
    const connecting = setTimeout(() => request.destroy(new Error('it took no connection within a second')), CONNECT_MS)
    request.on('socket', (socket) => {
      const ready = () => {
        clearTimeout(connecting)
        isSent = true
      }
      // A kept connection is ready; the place may have left it, which shows as an error.
      if (socket.connecting) socket.once('connect', ready)
      else ready()
    })
    const failed = (error: Error) => {
      clearTimeout(connecting)
      resolve({ ok: false, isSent, message: error.message })
    }
    request.on('error', failed)
    request.on('response', (response) => collect(response, resolve, failed))
    if (body === undefined || Buffer.isBuffer(body)) request.end(body)
    else {
      body.on('error', (error) => request.destroy(error))
      body.pipe(request)
    }
  })
}

/** Reads a short body whole; hands over a long one after its beginning. */
function collect(
  response: IncomingMessage,
  resolve: (answer: PlaceAnswer) => void,
  failed: (error: Error) => void,
): void {
  const { statusCode: status = 502, headers } = response
  const chunks: Buffer[] = []
  let length = 0
  const answer = (rest: IncomingMessage | undefined) => {
    response.off('data', onData).off('end', onEnd).off('close', onClose)
    resolve({ ok: true, status, headers, start: Buffer.concat(chunks, length), rest })
  }
  const onData = (chunk: Buffer) => {
    chunks.push(chunk)
    length += chunk.length
    if (length <= KEPT_BYTES_MAX) return
    response.pause()
    answer(response)
  }
  const onEnd = () => answer(undefined)
  const onClose = () => failed(new Error('the answer broke off'))
  response.on('data', onData).on('end', onEnd).on('close', onClose)
  response.on('error', failed)
}
