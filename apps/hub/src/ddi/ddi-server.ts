/**
 * DDI server: a second TLS port, for devices that speak DDI. It is off unless the hub has `--ddi-listen`. It serves
 * nothing but the paths of the protocol, so a firewall can open it to devices alone.
 */
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { answerProblem, installErrors, refuseMalformed } from '../http/error-answers.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { createReportFlusher } from '../link/reports/report-flusher.ts'
import { createReportPace } from '../link/reports/report-pace.ts'
import { createDdiDesk } from './ddi-desk.ts'
import { installDdiRoutes } from './ddi-routes.ts'

export type DdiOptions = {
  host: string
  port: number
  /** The usual time between two polls of a device. A device in a measured wave polls more often. */
  pollSeconds: number
}

export type DdiServer = AsyncDisposable & { port: number }

/** A feedback of SWUpdate with the lines of its log has some 20 kB. */
const BODY_MAX = 64 * 1024

/** The time in which a request must arrive. Devices have slow lines, and send little. */
const HEADERS_MS = 10_000
const REQUEST_MS = 60_000

/** 10,000 devices that poll once a minute need a fraction of it at a time. */
const CONNECTIONS_MAX = 10_000

export async function startDdiServer(hub: Hub, { host, port, pollSeconds }: DdiOptions): Promise<DdiServer> {
  const app = fastify({
    https: {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      handshakeTimeout: HEADERS_MS,
      ...contextOf(hub.serverCertificate.current()),
    },
    genReqId: () => hub.ids.request(),
    requestIdHeader: false,
    bodyLimit: BODY_MAX,
    requestTimeout: REQUEST_MS,
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: true,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (_error, _request, reply) => answerProblem(reply, problem('input_invalid', 'the path is no URL')),
  })
  app.server.maxConnections = CONNECTIONS_MAX
  installErrors(app, hub)
  await using stack = new AsyncDisposableStack()
  const reports = stack.use(createReportFlusher(hub))
  const desk = createDdiDesk({ hub, reports, pace: createReportPace(hub), pollMs: pollSeconds * 1_000 })
  installDdiRoutes(app, hub, desk)
  stack.defer(() => app.close())
  await app.listen({ host, port })
  hub.serverCertificate.onChange((credentials) => app.server.setSecureContext(contextOf(credentials)))
  const address = app.server.address() as AddressInfo
  hub.log.info('ddi_ready', { host, port: address.port, pollSeconds })
  const open = stack.move()
  return { port: address.port, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

/** Updaters of devices that were built years ago speak TLS 1.2. */
const contextOf = ({ certificatePem, privateKeyPem }: { certificatePem: string; privateKeyPem: string }) => ({
  key: privateKeyPem,
  cert: certificatePem,
  minVersion: 'TLSv1.2' as const,
})
