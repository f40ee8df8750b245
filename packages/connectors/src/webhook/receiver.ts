/** Webhook receiver: a server that takes one document at a time off each connection, within bounds, and answers what became of it. */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { SourceTrouble } from '@skerry/connectors/session'
import { secretOf } from '@skerry/connectors/tls'
import type { SecretReference } from '@skerry/contract/secrets/secret-reference'
import type { WebhookSourceConnection } from '@skerry/contract/sources/protocols/source-webhook'
import { createConnectionGuard, otherEndOf } from '@skerry/platform/network/connection-guard'
import type { Clock } from '@skerry/platform/process/clock'
import { createAdmission, type Refusal } from './admission.ts'

export type ReceiverOptions = {
  connection: WebhookSourceConnection
  secrets: Readonly<Record<string, string>>
  clock: Clock
  onDocument(document: unknown): Promise<Answer>
}

export type Answer = { status: number; body: object }

export type Receiver = AsyncDisposable & {
  /** Rejects with a `SourceTrouble` when nobody can reach it any more. */
  lost: Promise<never>
}

/** Whoever sends slower holds a connection that others want. */
const TIMES = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
}

/** A sender that has connected begins to speak; Node would wait two minutes for its TLS. */
const HANDSHAKE_MS = 5_000
/** Later than Node's own limits, which answer what they end: this is for clients that read no answer either. */
const GUARD_TIMES = { firstRequestMs: 8_000, stallMs: 10_000, transferMs: 20_000, idleMs: 10_000 }
const HEADER_BYTES_MAX = 8_192

/** Listens. Throws `SourceTrouble`. */
export async function openReceiver(options: ReceiverOptions, signal: AbortSignal): Promise<Receiver> {
  signal.throwIfAborted()
  const lost = Promise.withResolvers<never>()
  lost.promise.catch(() => undefined)
  const server = serverFor(options, listenerFor(options))
  guardConnections(server, options)
  await listening(server, options.connection)
  server.on('error', (error) => lost.reject(new SourceTrouble('source_lost', error.message, { cause: error })))
  return {
    lost: lost.promise,
    async [Symbol.asyncDispose]() {
      const { promise, resolve } = Promise.withResolvers<void>()
      server.close(() => resolve())
      server.closeAllConnections()
      await promise
    },
  }
}

/** Senders stand behind one address as often as not, so an address may have all places; silent connections make room for new ones. */
function guardConnections(server: Server, { connection: { connectionsMax }, clock }: ReceiverOptions): void {
  const guard = createConnectionGuard({ connectionsMax, eachAddressMax: connectionsMax, ...GUARD_TIMES }, clock)
  server.on('connection', (socket) => guard.admit(socket))
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const work = { isReceiving: () => !request.complete, isSending: () => response.writableEnded }
    response.on('close', guard.begin(otherEndOf(request.socket), work))
  })
}

function serverFor({ connection: { tls }, secrets }: ReceiverOptions, listener: RequestListener): Server {
  const limits = { ...TIMES, maxHeaderSize: HEADER_BYTES_MAX }
  if (!tls) return createServer(limits, listener)
  const textOf = (text: string | SecretReference) => (typeof text === 'string' ? text : secretOf(text, secrets))
  const ours = { cert: textOf(tls.certificate), key: secretOf(tls.key, secrets) }
  const theirs = tls.ca === undefined ? {} : { ca: textOf(tls.ca), requestCert: true, rejectUnauthorized: true }
  try {
    return createSecureServer({ ...limits, handshakeTimeout: HANDSHAKE_MS, ...ours, ...theirs }, listener)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new SourceTrouble('source_refused', `certificate and key do not belong together (${message})`, { cause })
  }
}

async function listening(server: Server, { host, port }: WebhookSourceConnection): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen({ host, port, backlog: 64 }, resolve)
  try {
    await promise
  } catch (cause) {
    const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
    const why = WHY.get(String(code)) ?? String(cause)
    throw new SourceTrouble('source_unreachable', `cannot listen on ${host}:${port}: ${why}`, { cause })
  } finally {
    server.off('error', reject)
  }
}

const WHY = new Map([
  ['EADDRINUSE', 'another program has the port'],
  ['EADDRNOTAVAIL', 'the device has no such address'],
  ['EACCES', 'the agent may not use this port; a port above 1023 needs no permission'],
])

function listenerFor(options: ReceiverOptions): RequestListener {
  const admission = createAdmission(options.connection, options.secrets)
  const { clock, connection, onDocument } = options
  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const { authorization } = request.headers
    const signature = headerOf(request, 'x-skerry-signature')
    const address = request.socket.remoteAddress ?? ''
    const early = { authorization, signature, address }
    const denied = misdirected(request, connection) ?? admission.early(early, clock.monotonicMs())
    if (denied) return refusal(denied)
    const body = await bodyOf(request, connection.bytesMax)
    if (!Buffer.isBuffer(body)) return refusal(body)
    const headers = { timestamp: headerOf(request, 'x-skerry-timestamp'), signature }
    const unsigned = admission.late({ headers, body, address }, instantOf(clock))
    if (unsigned) return refusal(unsigned)
    const document = parsed(body)
    return document.ok ? onDocument(document.value) : refusal(document.refusal)
  }
  return (request, response) => {
    answerTo(request)
      .then((answer) => say(request, response, answer))
      // It went away in the middle, or we do.
      .catch(() => response.destroy())
  }
}

const instantOf = (clock: Clock) => ({ nowMs: clock.nowMs(), monotonicMs: clock.monotonicMs() })

const headerOf = (request: IncomingMessage, name: string) => {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** [RFC 9110, 15.5] */
function misdirected(request: IncomingMessage, { path, bytesMax }: WebhookSourceConnection): Refusal | undefined {
  const [asked] = (request.url ?? '').split('?')
  if (asked !== path) return { status: 404, code: 'path_unknown', message: `post values to ${path}` }
  if (request.method !== 'POST') return { status: 405, code: 'method_unknown', message: 'use POST for values' }
  const type = request.headers['content-type'] ?? ''
  if (!/^application\/([a-z0-9.-]+\+)?json\s*(;|$)/i.test(type)) {
    return { status: 415, code: 'request_not_json', message: 'content-type must be application/json' }
  }
  return Number(request.headers['content-length'] ?? 0) > bytesMax ? tooLarge(bytesMax) : undefined
}

const tooLarge = (bytesMax: number): Refusal => ({
  status: 413,
  code: 'request_too_large',
  message: `at most ${bytesMax} bytes`,
})

async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<Buffer | Refusal> {
  const parts: Buffer[] = []
  let bytes = 0
  // Who says too much is told so before the connection ends.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(part)) continue
    bytes += part.length
    if (bytes > bytesMax) return tooLarge(bytesMax)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

function parsed(body: Buffer): { ok: true; value: unknown } | { ok: false; refusal: Refusal } {
  try {
    return { ok: true, value: JSON.parse(body.toString('utf8')) }
  } catch {
    return { ok: false, refusal: { status: 400, code: 'request_not_json', message: 'the body is not JSON' } }
  }
}

const refusal = ({ status, code, message }: Refusal): Answer => ({ status, body: { code, message } })

function say(request: IncomingMessage, response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(status === 405 ? { allow: 'POST' } : {}),
    ...(status === 429 || status === 503 ? { 'retry-after': '1' } : {}),
    // What was not read is not read any more.
    ...(request.complete ? {} : { connection: 'close' }),
  })
  response.end(`${JSON.stringify(body)}\n`)
}
