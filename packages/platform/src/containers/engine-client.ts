/**
 * Engine client: requests to a container engine over its Unix socket, in the Docker Engine API. A library would bring
 * gRPC and SSH into the agent: 34 MB of memory, which is more than ten containers may cost it.
 */
import type { Agent, IncomingMessage, request as sendRequest } from 'node:http'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export type EngineRequest = {
  method: 'GET' | 'POST' | 'DELETE'
  /** After the version of the API, such as `/containers/json`. */
  path: string
  query?: Readonly<Record<string, string | number | boolean | object | undefined>>
  body?: object
  /** Sent instead of `body`. */
  stream?: Readable
  /** How long the engine may be silent. */
  silenceMaxMs?: number
}

export type EngineClient = {
  /** The answer as text; throws EngineRefused for a status of an error, and EngineGone if there is no answer. */
  ask(request: EngineRequest, signal: AbortSignal): Promise<string>
  /** The answer as it arrives, without a limit of its length. */
  listen(request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage>
  close(): void
}

/** The engine answered that it cannot do it. */
export class EngineRefused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The engine does not answer: it does not run, or ended meanwhile. */
export class EngineGone extends Error {}

/**
 * [Docker Engine 1.41, 20.10] Older engines lack fields that are used here. Newer ones still speak their older
 * versions.
 */
export const API_VERSION_MIN = 1.41
const API_VERSION_MAX = 1.45

/** A daemon under load needs seconds to create a container. Longer requests name their own limit. */
const SILENCE_MAX_MS = 60_000

/** The list of a thousand containers has some hundred kB. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024

/** A report of figures asks for all containers at once; the engine must still answer the loop. */
const SOCKETS_MAX = 8

/** Connects with each request. `apiVersion` is the newest that the engine speaks, once it is known. */
export function createEngineClient(socketPath: string, apiVersion: () => number): EngineClient {
  let http: Http | undefined
  let loading: Promise<Http> | undefined
  const listen = async (request: EngineRequest, signal: AbortSignal) => {
    loading ??= loadHttp()
    http ??= await loading
    const version = Math.min(apiVersion(), API_VERSION_MAX)
    const response = await send({ http, socketPath, path: `/v${version}${pathOf(request)}` }, request, signal)
    const status = response.statusCode ?? 0
    if (status < 400) return response
    throw new EngineRefused(status, messageOf(await textOf(response)))
  }
  return {
    listen,
    ask: async (request, signal) => textOf(await listen(request, signal)),
    close: () => http?.agent.destroy(),
  }
}

type Http = { agent: Agent; sendRequest: typeof sendRequest }

/** [Node 24] A module that imports it by name also loads its WebSocket: 45 ms of processor at the start of the agent. */
async function loadHttp(): Promise<Http> {
  const { Agent: HttpAgent, request } = await import('node:http')
  // A new connection costs some microseconds. A kept one could end just when it is used again.
  return { agent: new HttpAgent({ keepAlive: false, maxSockets: SOCKETS_MAX }), sendRequest: request }
}

type Place = { http: Http; socketPath: string; path: string }

async function send({ http, ...place }: Place, request: EngineRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const text = request.body === undefined ? undefined : JSON.stringify(request.body)
  const type = request.stream ? 'application/x-tar' : 'application/json'
  const headers = {
    host: 'engine',
    ...(text === undefined && !request.stream ? {} : { 'content-type': type }),
    ...(text === undefined ? {} : { 'content-length': Buffer.byteLength(text) }),
  }
  const outgoing = http.sendRequest({ ...place, agent: http.agent, method: request.method, headers, signal }, resolve)
  const fail = (cause: Error) => reject(signal.aborted ? signal.reason : new EngineGone(goneText(cause), { cause }))
  outgoing.on('error', fail)
  outgoing.setTimeout(request.silenceMaxMs ?? SILENCE_MAX_MS, () => outgoing.destroy(new Error('it does not answer')))
  if (!request.stream) outgoing.end(text)
  else {
    // A source that breaks ends the request. An engine that answers early, with an error, ends the source.
    pipeline(request.stream, outgoing, { signal }).catch((error: unknown) => outgoing.destroy(asError(error)))
  }
  return promise
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)))

const goneText = (cause: Error) => `the container engine does not answer: ${cause.message}`

function pathOf({ path, query = {} }: EngineRequest): string {
  const words = Object.entries(query).flatMap(([name, value]) => {
    if (value === undefined) return []
    return [`${name}=${encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value))}`]
  })
  return words.length === 0 ? path : `${path}?${words.join('&')}`
}

async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of response) {
      bytes += piece.length
      if (bytes > ANSWER_BYTES_MAX) throw new EngineRefused(500, 'the answer of the container engine is too long')
      pieces.push(piece)
    }
  } catch (cause) {
    if (cause instanceof EngineRefused) throw cause
    throw new EngineGone(goneText(asError(cause)), { cause })
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** [Docker Engine API, ErrorResponse] */
function messageOf(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message)
  } catch {
    // An error of a proxy before the engine is no JSON.
  }
  return text.slice(0, 500)
}
