/**
 * Server: the hub's one TLS port. The API and the byte routes under /v1, the device link beside them, health and metrics, the reference.
 * Everything that a stranger can send has a limit here.
 */
import type { AddressInfo } from 'node:net'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { consoleFolder } from '../console/console-folder.ts'
import { installConsole } from '../console/console-routes.ts'
import type { Hub } from '../hub.ts'
import { attachLink } from '../link/link-server.ts'
import { browserHeadersOf } from '../sessions/browser-headers.ts'
import { installByteRoutes } from './byte-routes.ts'
import type { OpenCall } from './call.ts'
import { watchCall } from './call-watch.ts'
import { installDocuments } from './documents.ts'
import { answerProblem, installErrors, refuseMalformed } from './error-answers.ts'
import { installHealth } from './health.ts'
import { parseJsonBody } from './json-body.ts'
import { problem } from './problem.ts'
import { router } from './router.ts'

export type ServerOptions = {
  host: string
  port: number
  /** How long a request may take to arrive; tests do not wait for minutes. */
  timeouts?: Timeouts | undefined
  certificatePem: string
  privateKeyPem: string
}

export type Timeouts = { headersMs: number; requestMs: number; checkMs: number }

export type HubServer = AsyncDisposable & { port: number }

/** Inputs of the API are names, labels, selectors; a deployment with 100 waves and long selectors stays under half of it. */
const JSON_BODY_MAX = 1024 * 1024

/** A push brings its golden inputs along: 16 Mi characters of base64 in cases, tensors and names, with room for JSON's escapes. */
const PUSH_BODY_MAX = 96 * 1024 * 1024

/**
 * Headers must be here soon, or the connection is somebody's way to hold a socket. 96 MiB at 2.5 Mbit/s take five minutes; an upload that
 * takes longer is cut, and goes on from where the hub stands.
 */
const TIMEOUTS: Timeouts = { headersMs: 10_000, requestMs: 300_000, checkMs: 5_000 }

/** Longer than a load balancer's usual minute, so that it is never us who close under a request. */
const KEEP_ALIVE_MS = 75_000

/** Requests under way get so long to end when the hub stops; shorter than the whole shutdown may take. */
const DRAIN_MS = 5_000

const IDLE_SWEEP_MS = 50

/** 10,000 devices, each with its link and a download. A connection costs some 40 kB. */
const CONNECTIONS_MAX = 25_000

/** Starts to listen. */
export async function startServer(hub: Hub, options: ServerOptions): Promise<HubServer> {
  const { headersMs, requestMs, checkMs } = options.timeouts ?? TIMEOUTS
  const app = fastify({
    https: {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      key: options.privateKeyPem,
      cert: options.certificatePem,
      minVersion: 'TLSv1.3',
      // Devices show their certificates; people have none, so it is asked for and judged where it is needed.
      requestCert: true,
      rejectUnauthorized: false,
      ca: hub.authority.certificatePem,
    },
    genReqId: () => hub.ids.request(),
    requestIdHeader: false,
    bodyLimit: JSON_BODY_MAX,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (_error, _request, reply) => answerProblem(reply, problem('input_invalid', 'the path is no URL')),
  })
  app.server.maxConnections = CONNECTIONS_MAX
  installErrors(app, hub)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, parseJsonBody)
  installProcedures(app, hub)
  const callFor = (request: FastifyRequest, reply: FastifyReply) => callOf(hub, request, reply)
  await installByteRoutes(app, hub, callFor)
  installHealth(app, hub, callFor)
  installDocuments(app)
  installConsole(app, consoleFolder())
  await using stack = new AsyncDisposableStack()
  stack.defer(() => drain(app))
  stack.use(attachLink(app.server, hub))
  await app.listen({ host: options.host, port: options.port })
  const address = app.server.address() as AddressInfo
  const open = stack.move()
  return { port: address.port, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

/** Takes no more, lets what is under way end, and cuts off what does not. */
async function drain(app: FastifyInstance): Promise<void> {
  const overdue = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
  // A stream that ends now leaves its connection idle, which nobody would close before the time is over.
  const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS)
  await app.close()
  clearInterval(idle)
  clearTimeout(overdue)
}

function installProcedures(app: FastifyInstance, hub: Hub) {
  const handler = new OpenAPIHandler(router, { clientInterceptors: [watchCall] })
  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const { matched } = await handler.handle(request, reply, { context: callOf(hub, request, reply) })
    return matched ? reply : answerProblem(reply, problem('route_unknown'))
  }
  app.post('/v1/models/:model/versions', { bodyLimit: PUSH_BODY_MAX }, handle)
  app.all('/v1/*', handle)
}

function callOf(hub: Hub, request: FastifyRequest, reply: FastifyReply): OpenCall {
  return {
    hub,
    requestId: request.id,
    source: request.ip,
    authorization: request.headers.authorization,
    browser: browserHeadersOf(request.headers),
    setCookie: (text) => void reply.header('set-cookie', text),
    trail: { organisationId: undefined, actor: { kind: 'anonymous', id: '', name: '' }, isRecorded: false },
  }
}
