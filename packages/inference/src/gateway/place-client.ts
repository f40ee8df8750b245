/** Place client: sends one attempt to a place over a kept connection, and gets the answer back byte by byte. */
import { type ClientRequestArgs, Agent as HttpAgent, type IncomingMessage, request as startHttp } from 'node:http'
import { Agent as HttpsAgent, request as startHttps } from 'node:https'
import type { Duplex, Readable } from 'node:stream'
import type { StreamTarget } from './gateway-hub.ts'

export type PlaceRequest = {
  /** The origin of the place, or the route and the device of a stream through the hub. */
  target: string | StreamTarget
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

/** A stream through the hub needs an order to the device, and the device's connection. */
const STREAM_CONNECT_MS = 10_000

/** Answers up to this size are complete before the caller gets their first byte, so that a broken one can be repeated. */
export const KEPT_BYTES_MAX = 1024 * 1024

/** [inference, PORT_LIMITS] Shorter than the time after which a device ends an idle connection. */
const IDLE_MS = 60_000

/** `openStream` reaches devices without an address. */
export function openPlaceClient(openStream: OpenStream): PlaceClient {
  const options = { keepAlive: true, timeout: IDLE_MS, scheduling: 'lifo' } as const
  const http = new HttpAgent(options)
  const https = new HttpsAgent(options)
  const streams = new StreamAgent(openStream)
  const wayTo = (target: PlaceRequest['target']): Way => {
    if (typeof target !== 'string') {
      // The agent keeps connections by host.
      const host = `${target.route}/${target.device}`
      return { agent: streams, start: startHttp, to: { host, port: 80 }, connectMs: STREAM_CONNECT_MS }
    }
    const { hostname, port, protocol } = new URL(target)
    const isTls = protocol === 'https:'
    const to = { protocol, host: hostname.replace(/^\[(.*)\]$/, '$1'), port }
    return { agent: isTls ? https : http, start: isTls ? startHttps : startHttp, to, connectMs: CONNECT_MS }
  }
  return {
    ask: (request, signal) => exchange(request, wayTo(request.target), signal),
    [Symbol.dispose]() {
      for (const agent of [http, https, streams]) agent.destroy()
    },
  }
}

/** Opens a stream of bytes to the inference server of a device; rejects with the reason. */
export type OpenStream = (target: StreamTarget) => Promise<Duplex>

/** Keeps streams through the hub as other agents keep connections. */
class StreamAgent extends HttpAgent {
  readonly #open: OpenStream

  constructor(open: OpenStream) {
    super({ keepAlive: true, scheduling: 'lifo' })
    this.#open = open
  }

  override createConnection({ host }: ClientRequestArgs, callback?: (error: Error | null, stream: Duplex) => void) {
    const [route = '', device = ''] = String(host).split('/')
    this.#open({ route, device }).then(
      (stream) => callback?.(null, asSocket(stream)),
      (error: Error) => callback?.(error, undefined as never),
    )
    return undefined
  }
}

/** [Node, http.Agent] Calls these methods of sockets that it keeps. */
const asSocket = (stream: Duplex): Duplex => {
  const nothing = () => stream
  return Object.assign(stream, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
  })
}

type Way = {
  agent: HttpAgent
  start: typeof startHttp
  to: { protocol?: string; host: string; port: string | number }
  connectMs: number
}

function exchange(
  { method, path, headers, body }: PlaceRequest,
  { agent, start, to, connectMs }: Way,
  signal: AbortSignal,
): Promise<PlaceAnswer | PlaceFailure> {
  return new Promise((resolve) => {
    const request = start({ ...to, method, path, headers, agent, signal })
    let isSent = false
    const late = `it took no connection within ${connectMs} ms`
    const connecting = setTimeout(() => request.destroy(new Error(late)), connectMs)
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
