/** Gateway server: the Open Inference Protocol for routes, over HTTP or TLS. */
import { createServer as createHttp, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { createConnectionGuard, otherEndOf } from '@skerry/platform/network/connection-guard'
import { HTTP_STATUS } from '../host/failure.ts'
import { listen, PORT_LIMITS, portClock } from '../rest/listen.ts'
import { findRoute, type Route as OipRoute } from '../rest/oip-route.ts'
import type { Refusal } from './caller-check.ts'
import type { Delivered, Forwarded } from './forward.ts'
import { type AdmissionParts, findLive, missingRoute, sequenceOf } from './gateway-admission.ts'
import { answerRequest, isRouteReady } from './pipeline/answer-request.ts'
import type { PlaceClient } from './place-client.ts'
import { takeBody } from './request-body.ts'
import type { LiveRoute } from './routing.ts'

export type GatewayServerOptions = AdmissionParts & {
  host: string
  port: number
  tls: { cert: string; key: string } | undefined
  version: string
  client: PlaceClient
}

export type GatewayServer = {
  port: number
  /** Ends new requests, and waits for those on their way. */
  close(graceMs: number): Promise<void>
}

/** As the servers of devices. */
const SERVER_OPTIONS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: PORT_LIMITS.transferMs,
  keepAliveTimeout: PORT_LIMITS.idleMs,
  connectionsCheckingInterval: 5_000,
}

/**
 * Requests that the gateway works on at the same time. Each keeps at most 1 MiB of its body and 1 MiB of its answer, so
 * this bounds the memory.
 */
const REQUESTS_MAX = 256

export async function startGatewayServer(options: GatewayServerOptions): Promise<GatewayServer> {
  const { host, port, tls } = options
  const server: Server = tls
    ? createHttps({ ...SERVER_OPTIONS, ...tls, minVersion: 'TLSv1.2' })
    : createHttp(SERVER_OPTIONS)
  const guard = createConnectionGuard(PORT_LIMITS, portClock)
  let isClosing = false
  let active = 0
  server.on('connection', (socket) => guard.admit(socket))
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const end = guard.begin(otherEndOf(request.socket), {
      isReceiving: () => !request.complete,
      isSending: () => response.writableEnded,
    })
    active += 1
    response.on('close', () => {
      active -= 1
      end()
    })
    if (isClosing) response.setHeader('connection', 'close')
    const refusal = isClosing ? CLOSING : active > REQUESTS_MAX ? BUSY : undefined
    if (refusal) writeRefusal(response, refusal)
    else void respond(options, request, response)
  })
  return {
    port: await listen(server, port, host),
    close(graceMs) {
      isClosing = true
      return closeServer(server, graceMs)
    },
  }
}

const CLOSING: Refusal = {
  ok: false,
  status: 503,
  code: 'gateway_closing',
  message: 'the gateway is stopping: try another one',
  isPassing: true,
}

const BUSY: Refusal = {
  ok: false,
  status: 429,
  code: 'gateway_busy',
  message: `the gateway works on ${REQUESTS_MAX} requests: try again later`,
  isPassing: true,
}

/** Every error of a request ends here. */
async function respond(options: GatewayServerOptions, request: IncomingMessage, response: ServerResponse) {
  const gone = new AbortController()
  response.on('close', () => response.writableFinished || gone.abort())
  try {
    await answer(options, request, response, gone.signal)
  } catch (error) {
    const message = `the gateway failed: ${error instanceof Error ? error.message : error}`
    if (response.headersSent) response.destroy()
    else writeRefusal(response, { ok: false, status: 500, code: 'internal_error', message })
  }
}

async function answer(
  options: GatewayServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const routed = findRoute(request.method ?? '', request.url ?? '')
  if (!routed.ok) {
    const { code, message } = routed
    return writeRefusal(response, { ok: false, status: HTTP_STATUS[code], code, message })
  }
  const { route } = routed
  if (!isModelRoute(route)) return answerAboutServer(options, route, response)
  const found = await findLive(options, route.model, request.headers.authorization)
  if (!found.ok) return writeRefusal(response, found)
  if (route.kind === 'model_ready') return writeReady(response, found.live)
  return pass(options, { route, live: found.live, caller: found.caller, request, response }, signal)
}

/** Health needs no key: load balancers have none. */
function answerAboutServer({ routing, version }: GatewayServerOptions, { kind }: OipRoute, response: ServerResponse) {
  const ready = routing.table() !== undefined
  if (kind === 'live') return writeJson(response, 200, { live: true, ready })
  if (kind === 'ready') return writeJson(response, ready ? 200 : 503, { live: true, ready })
  if (kind === 'server') return writeJson(response, 200, { name: 'skerry-gateway', version, extensions: EXTENSIONS })
  return writeRefusal(response, NOT_HERE)
}

const EXTENSIONS = ['binary_tensor_data'] as const

type ModelRoute = Extract<OipRoute, { kind: 'model' | 'model_ready' | 'infer' }>

const isModelRoute = (route: OipRoute): route is ModelRoute => 'model' in route && route.kind !== 'stats'

const NOT_HERE: Refusal = {
  ok: false,
  status: 404,
  code: 'route_unknown',
  message: 'a gateway has no such path: send requests to /v2/models/ROUTE/infer',
}

function writeReady(response: ServerResponse, live: LiveRoute): void {
  const isReady = isRouteReady(live)
  writeJson(response, isReady ? 200 : 503, { name: live.row.name, ready: isReady })
}

/** Requests with the same value reach the same place. */
const SEQUENCE_HEADER = 'skerry-sequence'

type Passing = {
  route: ModelRoute
  live: LiveRoute
  caller: string
  request: IncomingMessage
  response: ServerResponse
}

async function pass(
  { client }: GatewayServerOptions,
  { route, live, caller, request, response }: Passing,
  signal: AbortSignal,
): Promise<void> {
  const sequence = sequenceOf(caller, request.headers[SEQUENCE_HEADER]?.toString())
  if (!sequence.ok) return writeRefusal(response, sequence)
  const taken = await takeBody(request)
  if (!taken.ok) return writeRefusal(response, taken)
  const { version } = route
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) return writeRefusal(response, missingRoute(route.model))
  const versionPath = version === undefined ? '' : `/versions/${version}`
  const forwarded: Forwarded = {
    method: request.method ?? 'GET',
    path: `/v2/models/${live.row.spec.model}${versionPath}${route.kind === 'infer' ? '/infer' : ''}`,
    headers: sentHeaders(request, taken.length),
    body: taken.body,
    version: version === undefined ? undefined : Number(version),
    sequence: sequence.value,
  }
  const deps = { client, random: Math.random, monotonicMs: () => performance.now() }
  const delivered = await answerRequest(deps, live, forwarded, signal)
  // Nobody reads the rest of a long body that the place did not take.
  if (!request.complete && !response.headersSent) response.setHeader('connection', 'close')
  if (!response.destroyed) deliver(response, delivered)
  else if (delivered.ok) delivered.answer.rest?.destroy()
}

/** Headers that describe the body or the wanted answer. The key of the caller stays here. */
const PASSED_ON = ['content-type', 'content-encoding', 'accept', 'accept-encoding', 'inference-header-content-length']

function sentHeaders({ headers }: IncomingMessage, length: number | undefined): Record<string, string> {
  const kept = PASSED_ON.flatMap((name) => (headers[name] === undefined ? [] : [[name, String(headers[name])]]))
  return Object.fromEntries([...kept, ...(length === undefined ? [] : [['content-length', String(length)]])])
}

const PASSED_BACK = ['content-type', 'content-encoding', 'inference-header-content-length', 'retry-after'] as const

function deliver(response: ServerResponse, delivered: Delivered): void {
  if (!delivered.ok) {
    writeRefusal(response, delivered)
    return
  }
  const { status, headers, start, rest } = delivered.answer
  for (const name of PASSED_BACK) if (headers[name] !== undefined) response.setHeader(name, String(headers[name]))
  if (delivered.place) response.setHeader('skerry-place', delivered.place.device)
  if (!rest) {
    response.setHeader('content-length', start.length)
    response.writeHead(status)
    response.end(start)
    return
  }
  if (headers['content-length'] !== undefined) response.setHeader('content-length', headers['content-length'])
  response.writeHead(status)
  response.write(start)
  // The caller sees a broken answer as a broken connection.
  rest.on('error', () => response.destroy())
  rest.on('close', () => rest.complete || response.destroy())
  response.on('close', () => rest.destroy())
  rest.pipe(response)
}

function writeJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

/** [Open Inference Protocol V2, error response] With our code beside it. */
function writeRefusal(response: ServerResponse, { status, code, message, isPassing }: Refusal): void {
  if (response.headersSent || response.destroyed) return
  if (isPassing) response.setHeader('retry-after', 1)
  if (status === 401) response.setHeader('www-authenticate', 'Bearer')
  writeJson(response, status, { error: message, code })
}

function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}
