/**
 * HTTPS client: the agent's few plain requests (join, renewal, blobs), with the hub's own CA and the device's
 * certificate. One connection pool; no redirects, cookies or compression. Failures are values that state
 * whether a retry can help.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { type Agent, request as startRequest } from 'node:https'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { systemCode } from '../files/file-system.ts'
import { pinnedAgent } from './pinned-agent.ts'
import { agentOut } from './way-out.ts'

export type HttpsClientOptions = {
  /** PEM of the CAs that may certify the server. The default is the public ones that Node knows. */
  authorities?: readonly string[]
  /** The client certificate and its key, in PEM. */
  credentials?: { certificatePem: string; privateKeyPem: string }
  /**
   * The hash of the public key of the one server that is accepted. Then no authority counts, and no name: TLS proves
   * that the server has this key. No proxy counts either: such a server is on the same site.
   */
  serverKey?: string
  /** A connection without a byte for this time is dead. */
  idleTimeoutMs?: number
}

export type HttpsRequest = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  url: string
  headers?: Record<string, string>
  /** A stream of bytes to send; their number is sent first. */
  content?: { length: number; stream: Readable }
}

export type HttpsProblem = {
  ok: false
  code:
    | 'server_unreachable'
    | 'request_timeout'
    | 'certificate_refused'
    | 'request_refused'
    | 'server_failed'
    | 'response_too_large'
    | 'response_malformed'
    | 'response_cut'
  message: string
  /** Whether the same request may succeed later without anybody changing anything. */
  retryable: boolean
  /** The answer's status, if there was an answer. */
  status?: number
  /** The answer's JSON, if it had one: its `code` names the reason. */
  body?: unknown
  /** The server's least wait before the next try. */
  retryAfterMs?: number
}

export type HttpsResponse = { ok: true; status: number; headers: IncomingHttpHeaders; stream: IncomingMessage }

export type HttpsClient = Disposable & {
  /** Any answer at all is `ok`; read or destroy its stream. The signal counts until the stream has ended. */
  send(request: HttpsRequest, signal: AbortSignal): Promise<HttpsResponse | HttpsProblem>
  /** Sends `body` as JSON, if given, and reads the answer as JSON. Other than 2xx is a problem. */
  sendJson(
    request: HttpsRequest & { body?: unknown },
    signal: AbortSignal,
  ): Promise<{ ok: true; status: number; body: unknown } | HttpsProblem>
}

/** Long enough for a satellite link that stalls; short enough to notice a pulled cable before a person does. */
const IDLE_TIMEOUT_MS = 30_000

/** A JSON call has one minute for all, so that a server that dribbles cannot hold it for ever. */
const JSON_TIMEOUT_MS = 60_000

/** A desired state with thousands of items has a few MB; more is not meant for us. */
const JSON_BYTES_MAX = 16 * 1024 * 1024

/** A handful is enough for one device; the rest would only load the hub. */
const SOCKETS_MAX = 8

/** A server may request patience, but not for ever. */
const RETRY_AFTER_MAX_MS = 3_600_000

/** Opens a client; dispose it to close its connections. Certificates are fixed: after a renewal open another. */
export function openHttpsClient({
  authorities,
  credentials,
  serverKey,
  idleTimeoutMs = IDLE_TIMEOUT_MS,
}: HttpsClientOptions): HttpsClient {
  const options = {
    keepAlive: true,
    maxSockets: SOCKETS_MAX,
    timeout: idleTimeoutMs,
    minVersion: 'TLSv1.3' as const,
    ...(authorities && { ca: [...authorities] }),
    ...(credentials && { cert: credentials.certificatePem, key: credentials.privateKeyPem }),
  }
  const agent = serverKey === undefined ? agentOut(options) : pinnedAgent(options, serverKey, idleTimeoutMs)
  return {
    send: (request, signal) => exchange({ agent, idleTimeoutMs, ...request }, signal),
    async sendJson({ body, headers, ...request }, signal) {
      const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body))
      const type: Record<string, string> = bytes ? { 'content-type': 'application/json' } : {}
      const full = { ...request, headers: { accept: 'application/json', ...type, ...headers }, body: bytes }
      const response = await exchange({ agent, idleTimeoutMs, timeoutMs: JSON_TIMEOUT_MS, ...full }, signal)
      return response.ok ? readJson(response, signal) : response
    },
    [Symbol.dispose]: () => agent.destroy(),
  }
}

/** The problem of an answer that is not the wanted one. Reads at most a little of its body. */
export async function problemOf(response: HttpsResponse, signal: AbortSignal): Promise<HttpsProblem> {
  const { status, headers } = response
  const text = await readText(response.stream, PROBLEM_BYTES_MAX).catch(() => '')
  signal.throwIfAborted()
  const body = parseJson(text)
  const isTheirs = status >= 500
  const retryAfterMs = retryAfter(headers)
  return {
    ok: false,
    code: isTheirs ? 'server_failed' : 'request_refused',
    message: `the server answered ${status}${messageIn(body)}`,
    // [RFC 9110 15.5.9, RFC 8470 5.2, RFC 6585 4] Timeout, too early, too many: the request itself was right.
    retryable: isTheirs ? status !== 501 : [408, 425, 429].includes(status),
    status,
    ...(body !== undefined && { body }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  }
}

/** The problem of a failed connection. An abort by the caller is thrown on. */
export function problemOfError(error: unknown, signal: AbortSignal): HttpsProblem {
  signal.throwIfAborted()
  const code = systemCode(error) ?? ''
  const message = error instanceof Error ? error.message : String(error)
  if (code === 'ABORT_ERR' || code === 'ETIMEDOUT') {
    return { ok: false, code: 'request_timeout', message: 'the server did not answer in time', retryable: true }
  }
  // OpenSSL's verification results, and its alerts about our own certificate. Waiting mends neither; a clock or a
  // person does. Node's servers send no alert: they hang up on a certificate, which looks unreachable. Our hub answers
  // 401 instead.
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|UNKNOWN_CA|BAD_CERTIFICATE/.test(code)) {
    return { ok: false, code: 'certificate_refused', message: `${message} (${code})`, retryable: false }
  }
  return { ok: false, code: 'server_unreachable', message, retryable: true }
}

/** Enough for an error and its details; a page of HTML from a proxy is cut. */
const PROBLEM_BYTES_MAX = 65_536

type Exchange = HttpsRequest & {
  agent: Agent
  idleTimeoutMs: number
  timeoutMs?: number
  body?: Buffer | undefined
}

async function exchange(
  { agent, idleTimeoutMs, timeoutMs, method = 'GET', url, headers = {}, body, content }: Exchange,
  signal: AbortSignal,
): Promise<HttpsResponse | HttpsProblem> {
  signal.throwIfAborted()
  const limited = timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  const bytes = body ?? content
  const about: Record<string, string> = {
    ...(content && { 'content-type': 'application/octet-stream' }),
    ...headers,
    ...(bytes && { 'content-length': String(bytes.length) }),
  }
  try {
    const stream = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = startRequest(url, { agent, method, headers: about, signal: limited }, resolve)
      request.setTimeout(idleTimeoutMs, () => request.destroy(timeoutError()))
      request.on('error', reject)
      if (!content) request.end(body)
      // If the content breaks off, the request fails, too.
      else
        pipeline(content.stream, request).catch((error: unknown) =>
          request.destroy(error instanceof Error ? error : undefined),
        )
    })
    return { ok: true, status: stream.statusCode ?? 0, headers: stream.headers, stream }
  } catch (error) {
    return problemOfError(error, signal)
  }
}

async function readJson(response: HttpsResponse, signal: AbortSignal) {
  if (response.status < 200 || response.status > 299) return problemOf(response, signal)
  try {
    const text = await readText(response.stream, JSON_BYTES_MAX)
    if (text === undefined) {
      const message = `the answer is longer than ${JSON_BYTES_MAX} bytes`
      return { ok: false, code: 'response_too_large', message, retryable: false } as const
    }
    const body = text === '' ? undefined : parseJson(text)
    if (text !== '' && body === undefined) {
      return { ok: false, code: 'response_malformed', message: 'the answer is not JSON', retryable: false } as const
    }
    return { ok: true, status: response.status, body } as const
  } catch (error) {
    return problemOfError(error, signal)
  }
}

/** Undefined when there is more than the limit. */
async function readText(stream: IncomingMessage, bytesMax: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of stream) {
    length += chunk.length
    if (length > bytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function messageIn(body: unknown): string {
  if (typeof body !== 'object' || body === null || !('message' in body)) return ''
  return `: ${String(body.message)}`
}

/** [RFC 9110 10.2.3] In seconds. The other form is a date, which means nothing if clocks are wrong. */
function retryAfter(headers: IncomingHttpHeaders): number | undefined {
  const seconds = headers['retry-after']
  return seconds && /^\d{1,9}$/.test(seconds) ? Math.min(Number(seconds) * 1000, RETRY_AFTER_MAX_MS) : undefined
}

const timeoutError = () => Object.assign(new Error('the connection was idle for too long'), { code: 'ETIMEDOUT' })
