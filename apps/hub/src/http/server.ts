/**
 * Server: the hub's one TLS port. The API and the byte routes under /v1, the device link beside them, health and metrics, the reference.
 * Everything that a stranger can send has a limit here.
 */
import type { AddressInfo } from 'node:net'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { installCommandRoutes } from '../commands/command-routes.ts'
import { installPeerCommandRoutes } from '../commands/peer-command-routes.ts'
import { installConnectionRoute } from '../connections/connection-route.ts'
import { consoleFolder } from '../console/console-folder.ts'
import { installConsole } from '../console/console-routes.ts'
import { installEst } from '../est/est-routes.ts'
import type { Hub } from '../hub.ts'
import { attachLink } from '../link/link-server.ts'
import { browserHeadersOf } from '../sessions/browser-headers.ts'
import { ADMISSION, admitInOrder } from './admission/admission.ts'
import { watchCall } from './admission/call-watch.ts'
import { TICKET_SECONDS, ticketKeys } from './admission/ticket-keys.ts'
import { createBodyGate } from './body/body-gate.ts'
import { installByteRoutes } from './byte-routes.ts'
import type { OpenCall } from './call.ts'
import { installDocuments } from './documents/documents.ts'
import { answerProblem, installErrors, refuseMalformed } from './error-answers.ts'
import { installHealth } from './health.ts'
import { installMetrics } from './metrics-route.ts'
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

export type HubServer = AsyncDisposable & {
  port: number
  /** Shows another certificate to whoever connects from now on. */
  serveWith(credentials: Pick<ServerOptions, 'certificatePem' | 'privateKeyPem'>): void
}

/** For what Fastify reads by itself: certificate requests, which have a smaller limit still. All other bodies have limits of their own. */
const BODY_MAX = 64 * 1024

/**
 * Headers must be here soon, or the connection is somebody's way to hold a socket. The largest piece of an upload, 64 MiB, takes under four
 * minutes at 2.5 Mbit/s; an upload that takes longer is cut, and goes on from where the hub stands.
 */
const TIMEOUTS: Timeouts = { headersMs: 10_000, requestMs: 300_000, checkMs: 5_000 }

/** Longer than a load balancer's usual minute, so that it is never us who close under a request. */
const KEEP_ALIVE_MS = 75_000

/** Requests under way get so long to end when the hub stops; shorter than the whole shutdown may take. */
const DRAIN_MS = 5_000

const IDLE_SWEEP_MS = 50

/** How late the keys of a new week may be. */
const TICKET_LOOK_MS = 3_600_000

/** 10,000 devices, each with its link and a download. A connection costs some 40 kB. */
const CONNECTIONS_MAX = 25_000

/** Connections that the system takes on our behalf while we are busy: Linux' own limit. */
const BACKLOG = 4_096

/** Starts to listen. */
export async function startServer(hub: Hub, options: ServerOptions): Promise<HubServer> {
  const { headersMs, requestMs, checkMs } = options.timeouts ?? TIMEOUTS
  const app = fastify({
    https: {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      handshakeTimeout: headersMs,
      ...contextOf(hub, options),
      // Devices show their certificates; people have none, so it is asked for and judged where it is needed.
      requestCert: true,
      rejectUnauthorized: false,
    },
    genReqId: () => hub.ids.request(),
    requestIdHeader: false,
    bodyLimit: BODY_MAX,
    requestTimeout: requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (_error, _request, reply) => answerProblem(reply, problem('input_invalid', 'the path is no URL')),
  })
  app.server.maxConnections = CONNECTIONS_MAX
  admitInOrder(app.server, ADMISSION)
  installErrors(app, hub)
  // A path that takes a body says of which type; no other reads any.
  app.removeAllContentTypeParsers()
  await installProcedures(app, hub)
  const callFor = (request: FastifyRequest, reply: FastifyReply) => callOf(hub, request, reply)
  await installByteRoutes(app, hub, callFor)
  await installCommandRoutes(app, hub)
  installConnectionRoute(app, hub)
  await installEst(app, hub, callFor)
  if (hub.cluster.isShared) await installPeerCommandRoutes(app, hub)
  installHealth(app, hub)
  installMetrics(app, hub, callFor)
  installDocuments(app)
  installConsole(app, consoleFolder())
  const ageing = setInterval(() => app.server.setTicketKeys(ticketKeysOf(hub)), TICKET_LOOK_MS)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => clearInterval(ageing))
  stack.defer(() => drain(app))
  stack.use(attachLink(app.server, hub))
  await app.listen({ host: options.host, port: options.port, backlog: BACKLOG })
  const address = app.server.address() as AddressInfo
  const open = stack.move()
  return {
    port: address.port,
    serveWith: (credentials) => app.server.setSecureContext(contextOf(hub, credentials)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** What TLS shows, trusts and remembers. */
const contextOf = (hub: Hub, { certificatePem, privateKeyPem }: Parameters<HubServer['serveWith']>[0]) => ({
  key: privateKeyPem,
  cert: certificatePem,
  minVersion: 'TLSv1.3' as const,
  ca: [...hub.authorities.tlsAuthorities()],
  ticketKeys: ticketKeysOf(hub),
  sessionTimeout: TICKET_SECONDS,
  sessionIdContext: 'skerry',
})

/** Where others count they are others: what was proved by a certificate of before is proved anew. */
const ticketKeysOf = ({ authorities, clock }: Hub) =>
  ticketKeys(authorities.active().credentials, clock.nowMs(), authorities.issuers().join(''))

/** Takes no more, lets what is under way end, and cuts off what does not. */
async function drain(app: FastifyInstance): Promise<void> {
  const overdue = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
  // A stream that ends now leaves its connection idle, which nobody would close before the time is over.
  const idle = setInterval(() => app.server.closeIdleConnections(), IDLE_SWEEP_MS)
  await app.close()
  clearInterval(idle)
  clearTimeout(overdue)
}

async function installProcedures(app: FastifyInstance, hub: Hub) {
  const handler = new OpenAPIHandler(router, { clientInterceptors: [watchCall] })
  const gate = createBodyGate(hub, (request, reply) => callOf(hub, request, reply))
  const answer = async (request: FastifyRequest, reply: FastifyReply, context: OpenCall) => {
    const { matched } = await handler.handle(request, reply, { context })
    return matched ? reply : answerProblem(reply, problem('route_unknown'))
  }
  await app.register(async (scope) => {
    scope.addContentTypeParser('application/json', (request: FastifyRequest) => gate.read(request))
    const onRequest = async (request: FastifyRequest, reply: FastifyReply) => {
      const rejected = await gate.enter(request, reply)
      if (!rejected) return undefined
      // An empty body in place of the one that nobody reads: the guard rejects the call before it looks at its input.
      request.body = {}
      return answer(request, reply, rejected)
    }
    scope.all('/v1/*', { onRequest }, (request, reply) => answer(request, reply, gate.callOf(request, reply)))
  })
}

function callOf(hub: Hub, request: FastifyRequest, reply: FastifyReply): OpenCall {
  return {
    hub,
    requestId: request.id,
    source: request.ip,
    authorization: request.headers.authorization,
    browser: browserHeadersOf(request.headers),
    precondition: { ifMatch: request.headers['if-match'], ifNoneMatch: request.headers['if-none-match'] },
    setTag: (tag) => void reply.header('etag', tag),
    setCookie: (text) => void reply.header('set-cookie', text),
    trail: { organisationId: undefined, actor: { kind: 'anonymous', id: '', name: '' }, isRecorded: false },
    entry: { isCounted: false, refusal: undefined, prepared: {} },
  }
}
