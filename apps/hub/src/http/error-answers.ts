/** Error answers: every refusal that does not come from a procedure has the same shape, a code of the contract, and leaks nothing. */
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Hub } from '../hub.ts'
import { problemOf } from './admission/call-watch.ts'
import { linger } from './admission/linger.ts'
import { isProblem, type Problem, problem } from './problem.ts'

/** Sends the error as oRPC would. */
export function answerProblem(reply: FastifyReply, error: Problem): FastifyReply {
  return reply.status(error.status).send(error.toJSON())
}

/** Unknown paths, bodies that are too large or no JSON, and whatever breaks. */
export function installErrors(app: FastifyInstance, hub: Hub): void {
  app.setNotFoundHandler((_request, reply) => answerProblem(reply, problem('route_unknown')))
  // Before a body is looked at, of which an unknown path has no use.
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) return answerProblem(reply, problem('route_unknown'))
  })
  app.setErrorHandler((error, request, reply) => {
    const refusal = problemOfTransport(error)
    if (refusal.status >= 500) hub.log.error('request_failed', { requestId: request.id, source: request.ip, error })
    return answerProblem(reply, refusal)
  })
  app.addHook('onSend', async (request, reply, payload) => {
    reply.header('x-request-id', request.id)
    for (const [name, value] of SECURITY_HEADERS) if (!reply.hasHeader(name)) reply.header(name, value)
    if (reply.statusCode === 429 || reply.statusCode === 503) reply.header('retry-after', retryAfterOf(payload))
    return linger(request, reply, payload)
  })
}

/** When a guesser's bucket has room for one more try (caller-limiter.ts), and soon enough for everything else. */
const RETRY_AFTER_SECONDS = 6

/** As the refusal says itself, where it does. */
function retryAfterOf(payload: unknown): number {
  const [, ms] = /"retryAfterMs":(\d+)/.exec(typeof payload === 'string' ? payload : '') ?? []
  return ms === undefined ? RETRY_AFTER_SECONDS : Math.ceil(Number(ms) / 1_000)
}

/** Answers are data: nothing in them may be run, framed, guessed at or kept by a cache. */
const SECURITY_HEADERS = [
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['cache-control', 'no-store'],
  ['strict-transport-security', 'max-age=31536000'],
] as const

/** Bytes that are no HTTP, or headers without end: there is no request yet, and nothing else to say than this. */
export function refuseMalformed(_error: Error, socket: Socket): void {
  if (!socket.writable) return
  const body = JSON.stringify(problem('input_invalid', 'this is not HTTP/1.1, or its headers are over 16 KiB').toJSON())
  const head = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close`
  socket.end(`${head}\r\n\r\n${body}`)
}

/** Fastify's own errors, in the contract's words. */
function problemOfTransport(error: unknown): Problem {
  if (isProblem(error)) return error
  const { code, statusCode } = facts(error)
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return problem('body_too_large')
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return problem('input_invalid', 'send the body as application/json')
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return problem('input_invalid')
  return problemOf(error)
}

function facts(error: unknown): { code?: unknown; statusCode?: number } {
  if (typeof error !== 'object' || error === null) return {}
  const code = 'code' in error ? error.code : undefined
  const statusCode = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : undefined
  return { code, ...(statusCode === undefined ? {} : { statusCode }) }
}
