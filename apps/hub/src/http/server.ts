/**
 * Server: the hub's one TLS port. It serves the API and the byte routes under /v1, the device link, health, metrics,
 * and the reference. All input of unauthenticated clients has a limit here.
 */
import type { AddressInfo } from 'node:net'
import { OpenAPIHandler } from '@orpc/openapi/fastify'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { attachSessions } from '../access/session-door.ts'
import { installUpdateRoute } from '../campaigns/update-route.ts'
import { installLabelRoute } from '../captures/label-route.ts'
import { installCacheRoutes } from '../chunks/cache-routes.ts'
import { installChunkRoutes } from '../chunks/chunk-routes.ts'
import { installClients } from '../clients/client-routes.ts'
import { installCommandRoutes } from '../commands/command-routes.ts'
import { installPeerCommandRoutes } from '../commands/peer-command-routes.ts'
import { installConnectionRoute } from '../connections/connection-route.ts'
import { consoleFolder, guideFolder } from '../console/console-folder.ts'
import { installConsole } from '../console/console-routes.ts'
import { installGuide } from '../console/guide-routes.ts'
import { installEst } from '../est/est-routes.ts'
import { installGitHooks } from '../git-sources/git-hooks.ts'
import type { Hub } from '../hub.ts'
import { installInstallRoutes } from '../install/install-routes.ts'
import { installResultRoute } from '../learning/result-route.ts'
import { attachLink } from '../link/link-server.ts'
import { attachPlaces } from '../routes/stream-handlers.ts'
import { browserHeadersOf } from '../sessions/browser-headers.ts'
import { attachStreams } from '../streams/stream-doors.ts'
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
import { openUpgrades } from './upgrades.ts'

export type ServerOptions = {
  host: string
  port: number
  /** The time in which a request must arrive; tests do not wait for minutes. */
  timeouts?: Timeouts | undefined
  certificatePem: string
  privateKeyPem: string
}

export type Timeouts = { headersMs: number; requestMs: number; checkMs: number }

export type HubServer = AsyncDisposable & {
  port: number
  /** Uses another certificate for all new connections. */
  serveWith(credentials: Pick<ServerOptions, 'certificatePem' | 'privateKeyPem'>): void
}

/**
 * The limit for bodies that Fastify reads by itself: certificate requests, which have a smaller limit still. All other
 * bodies have limits of their own.
 */
const BODY_MAX = 64 * 1024

/**
 * Headers must arrive soon, so that nobody can hold a socket without a request. The largest piece of an upload, 64 MiB,
 * takes under four minutes at 2.5 Mbit/s. The hub cuts a slower upload, which continues at the last stored byte.
 */
const TIMEOUTS: Timeouts = { headersMs: 10_000, requestMs: 300_000, checkMs: 5_000 }

/**
 * Longer than the usual minute of a load balancer, so that the hub never closes a connection while a request arrives.
 */
const KEEP_ALIVE_MS = 75_000

/** The time for open requests to end when the hub stops. It is shorter than the time for the whole shutdown. */
const DRAIN_MS = 5_000

const IDLE_SWEEP_MS = 50

/** The maximum delay before the keys of a new week are used. */
const TICKET_LOOK_MS = 3_600_000

/** Enough for 10,000 devices, each with its link and a download. A connection costs some 40 kB. */
const CONNECTIONS_MAX = 25_000

/** Each adds the paths of its WebSockets. */
const SOCKET_PATHS = [attachLink, attachStreams, attachSessions, attachPlaces]

/** Connections that the system accepts while the hub is busy: Linux' own limit. */
const BACKLOG = 4_096

export async function startServer(hub: Hub, options: ServerOptions): Promise<HubServer> {
  const { headersMs, requestMs, checkMs } = options.timeouts ?? TIMEOUTS
  const app = fastify({
    https: {
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      handshakeTimeout: headersMs,
      ...contextOf(hub, options),
      // Devices show their certificates, and people have none. So TLS requests a certificate, and each route judges it
      // if needed.
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
  // Each path with a body names its content type; no other path reads a body.
  app.removeAllContentTypeParsers()
  await installProcedures(app, hub)
  const callFor = (request: FastifyRequest, reply: FastifyReply) => callOf(hub, request, reply)
  await installByteRoutes(app, hub, callFor)
  await installDeviceRoutes(app, hub)
  await installEst(app, hub, callFor)
  await installGitHooks(app, hub)
  installInstallRoutes(app, hub, callFor)
  if (hub.cluster.isShared) await installPeerCommandRoutes(app, hub)
  installHealth(app, hub)
  installMetrics(app, hub, callFor)
  installDocuments(app)
  installClients(app)
  installPages(app)
  const ageing = setInterval(() => app.server.setTicketKeys(ticketKeysOf(hub)), TICKET_LOOK_MS)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => clearInterval(ageing))
  stack.defer(() => drain(app))
  const upgrades = openUpgrades(app.server, hub)
  for (const attach of SOCKET_PATHS) stack.use(attach(upgrades, hub))
  await app.listen({ host: options.host, port: options.port, backlog: BACKLOG })
  const address = app.server.address() as AddressInfo
  const open = stack.move()
  return {
    port: address.port,
    serveWith: (credentials) => app.server.setSecureContext(contextOf(hub, credentials)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** The byte routes that only devices use. */
async function installDeviceRoutes(app: FastifyInstance, hub: Hub): Promise<void> {
  await installChunkRoutes(app, hub)
  installCacheRoutes(app, hub)
  await installCommandRoutes(app, hub)
  await installUpdateRoute(app, hub)
  await installResultRoute(app, hub)
  installLabelRoute(app, hub)
  installConnectionRoute(app, hub)
}

/** The pages for people: the console, and the documentation. */
function installPages(app: FastifyInstance): void {
  installConsole(app, consoleFolder())
  installGuide(app, guideFolder())
}

/** The certificate, the trusted authorities, and the ticket keys of TLS. */
const contextOf = (hub: Hub, { certificatePem, privateKeyPem }: Parameters<HubServer['serveWith']>[0]) => ({
  key: privateKeyPem,
  cert: certificatePem,
  minVersion: 'TLSv1.3' as const,
  ca: [...hub.authorities.tlsAuthorities()],
  ticketKeys: ticketKeysOf(hub),
  sessionTimeout: TICKET_SECONDS,
  sessionIdContext: 'skerry',
})

/**
 * If the set of trusted authorities changes, the ticket keys change too. So each device must show its certificate
 * again.
 */
const ticketKeysOf = ({ authorities, clock }: Hub) =>
  ticketKeys(authorities.active().credentials, clock.nowMs(), authorities.issuers().join(''))

/** Accepts no more requests, lets open ones end, and cuts them off after the limit. */
async function drain(app: FastifyInstance): Promise<void> {
  const overdue = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
  // A stream that ends now leaves its connection idle. Without this timer it would stay open until the limit.
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
      // An empty body replaces the unread one: the guard rejects the call before it reads the input.
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
