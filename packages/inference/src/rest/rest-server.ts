/** The Open Inference Protocol over REST, on plain node:http: the hot path of a device. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import { createConnectionGuard, type GuardLimits, otherEndOf } from '@skerry/platform/network/connection-guard'
import { fail } from '../host/failure.ts'
import type { ModelHost } from '../host/model-host.ts'
import { listen, PORT_LIMITS, type PortUse, portClock, quietTurn } from './listen.ts'
import { type BodyReader, createBodyReader } from './oip-body.ts'
import type { ServerIdentity } from './oip-view.ts'
import { type Answer, answerSize, failureAnswer, writeAnswer } from './rest-answer.ts'
import { answerRequest, type RestContext } from './rest-endpoint.ts'

export type RestOptions = {
  host: ModelHost
  identity: ServerIdentity
  /** Loopback by default: the protocol has no authentication of its own. */
  address?: string
  /** 0 for any free one. */
  port: number
  use?: PortUse
  bodyBytesMax?: number
  /**
   * Answers requests of other paths, such as `/v1/models`. It returns false for a path of this protocol. The port, its
   * limits and its guard are the same.
   */
  beside?: BesideHandler
  /** The memory of all answers together that wait to be read. */
  answerBytesMax?: number
  limits?: GuardLimits
}

export type BesideHandler = (request: IncomingMessage, response: ServerResponse, readBody: BodyReader) => boolean

export type OipServer = {
  port: number
  /**
   * Accepts no new connection, because a successor does. Requests on open connections are answered for `drainMs`, and
   * their clients learn that the connection ends. Then it closes.
   */
  drain(drainMs: number): Promise<void>
  /** Rejects new requests, answers those on their way for at most `graceMs`, then cuts the rest. */
  close(graceMs: number): Promise<void>
}

/** A 4K image of three channels is 24 MiB in UINT8; four such bodies at once still fit a gateway's memory. */
export const BODY_BYTES_MAX = 64 * 1024 * 1024

const serverLimits = ({ transferMs, idleMs }: GuardLimits) => ({
  /** Clients of the protocol send a dozen short headers. */
  maxHeaderSize: 16 * 1024,
  /** For headers that come drop by drop; the guard of the port ends connections that are silent. */
  headersTimeout: 10_000,
  requestTimeout: transferMs,
  keepAliveTimeout: idleMs,
  /** Node's default checks for late headers every 30 s. */
  connectionsCheckingInterval: 5_000,
})

/** Node closes idle connections by itself. A client that does not close its side is cut. */
const CUT_AFTER_MS = 5_000

/** Listens, or rejects with the system's error. */
export async function startRestServer(options: RestOptions): Promise<OipServer> {
  const { host, identity, address = '127.0.0.1', port, bodyBytesMax = BODY_BYTES_MAX, limits = PORT_LIMITS } = options
  const context: RestContext = { host, identity, readBody: createBodyReader(bodyBytesMax) }
  const server = createServer(serverLimits(limits))
  const guard = createConnectionGuard({ ...limits, idleMs: limits.idleMs + CUT_AFTER_MS }, portClock)
  const admit = createAnswerBudget(options.answerBytesMax ?? ANSWER_BYTES_MAX)
  let isClosing = false
  let isDraining = false
  server.on('connection', (socket) => guard.admit(socket))
  server.on('request', (request, response) => {
    const end = guard.begin(otherEndOf(request.socket), {
      isReceiving: () => !request.complete,
      isSending: () => response.writableEnded,
    })
    response.on('close', end)
    // Node writes "Connection: close" into this answer, and ends the connection behind it.
    if (isDraining) response.shouldKeepAlive = false
    if (!isClosing && options.beside?.(request, response, context.readBody)) return
    void respond(context, request, response, { isClosing: () => isClosing, admit })
  })
  server.on('clientError', refuseClient)
  return {
    port: await listen(server, port, address, options.use),
    drain(drainMs) {
      isDraining = true
      return drainServer(server, drainMs)
    },
    close(graceMs) {
      isClosing = true
      return closeServer(server, graceMs)
    },
  }
}

/**
 * Lets an answer out, or the rejection that takes its place. The answer counts until its client has read it, or is
 * gone.
 */
type AnswerBudget = (answer: Answer, response: ServerResponse) => Answer

/** As much as bodies may take on their way in: clients that read nothing must not fill the memory. */
const ANSWER_BYTES_MAX = 4 * BODY_BYTES_MAX

function createAnswerBudget(bytesMax: number): AnswerBudget {
  let unreadBytes = 0
  return (answer, response) => {
    const bytes = answerSize(answer)
    if (unreadBytes > 0 && unreadBytes + bytes > bytesMax) {
      return failureAnswer(fail('queue_full', 'too many large answers are in transfer: try again later'))
    }
    unreadBytes += bytes
    response.on('close', () => {
      unreadBytes -= bytes
    })
    return answer
  }
}

type Serving = { isClosing: () => boolean; admit: AnswerBudget }

/** Every error of a request ends here. */
async function respond(
  context: RestContext,
  request: IncomingMessage,
  response: ServerResponse,
  { isClosing, admit }: Serving,
): Promise<void> {
  const gone = new AbortController()
  // Every response closes in the end; making an AbortError for each that was answered would cost more than its headers.
  response.on('close', () => response.writableFinished || gone.abort())
  const answer = isClosing()
    ? failureAnswer(fail('model_unready', 'the server is stopping: try another one'))
    : await answerRequest(context, request, gone.signal).catch(() =>
        failureAnswer(fail('model_failed', 'the server failed')),
      )
  if (!response.destroyed) writeAnswer(response, admit(answer, response), { isLast: isClosing() })
}

const CLIENT_ERRORS: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** Bytes that are not HTTP get an answer in the protocol's form all the same. */
function refuseClient(error: NodeJS.ErrnoException, socket: Socket | import('node:stream').Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = CLIENT_ERRORS[error.code ?? ''] ?? '400 Bad Request'
  const body = JSON.stringify({ error: `the request is not HTTP that can be served (${error.code ?? 'unknown'})` })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  )
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

/** The close of HTTP would end idle connections at once, while a request may be on its way on one of them. */
async function drainServer(server: Server, drainMs: number): Promise<void> {
  await quietTurn(server)
  const closed = new Promise((resolve) => NetServer.prototype.close.call(server, resolve))
  const timer = setTimeout(() => server.closeAllConnections(), drainMs)
  await closed
  clearTimeout(timer)
}
