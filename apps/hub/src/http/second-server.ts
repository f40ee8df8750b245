/**
 * Second server: a TLS port beside the API, for programs that speak another protocol. It is off unless an option of the
 * hub opens it. It serves nothing but the paths of its protocol, so a firewall can open it alone.
 */
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import type { Hub } from '../hub.ts'
import { answerProblem, installErrors, refuseMalformed } from './error-answers.ts'
import { problem } from './problem.ts'

export type SecondServer = AsyncDisposable & { port: number }

export type SecondServerOptions = {
  host: string
  port: number
  limits: SecondServerLimits
  /** The event in the log when the port is open. */
  event: string
  /** Adds the routes. The stack ends what they need, after the port has closed. */
  install(app: FastifyInstance, stack: AsyncDisposableStack): void | Promise<void>
}

/** Times in milliseconds. */
export type SecondServerLimits = {
  /** The time in which a request must arrive. */
  requestMs: number
  connectionsMax: number
  /** Of the longest part of a path. */
  charactersMax: number
  /** Of one body. Absent: the routes have their own limits. */
  bodyBytesMax?: number
  /** After which a silent connection is broken. Absent: the server does not look. */
  silenceMs?: number
}

/** The time in which the headers of a request, or a handshake, must arrive. */
const HEADERS_MS = 10_000

/** Listens, or rejects with the system's error. */
export async function startSecondServer(hub: Hub, options: SecondServerOptions): Promise<SecondServer> {
  const { host, port, limits, event, install } = options
  const { requestMs, connectionsMax, charactersMax, bodyBytesMax, silenceMs } = limits
  const app = fastify({
    https: {
      headersTimeout: HEADERS_MS,
      requestTimeout: requestMs,
      handshakeTimeout: HEADERS_MS,
      ...contextOf(hub.serverCertificate.current()),
    },
    genReqId: () => hub.ids.request(),
    requestIdHeader: false,
    requestTimeout: requestMs,
    ...(bodyBytesMax !== undefined && { bodyLimit: bodyBytesMax }),
    ...(silenceMs !== undefined && { connectionTimeout: silenceMs }),
    routerOptions: { maxParamLength: charactersMax },
    forceCloseConnections: true,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (_error, _request, reply) => answerProblem(reply, problem('input_invalid', 'the path is no URL')),
  })
  app.server.maxConnections = connectionsMax
  installErrors(app, hub)
  await using stack = new AsyncDisposableStack()
  await install(app, stack)
  stack.defer(() => app.close())
  await app.listen({ host, port })
  hub.serverCertificate.onChange((credentials) => app.server.setSecureContext(contextOf(credentials)))
  const address = app.server.address() as AddressInfo
  hub.log.info(event, { host, port: address.port })
  const open = stack.move()
  return { port: address.port, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

/** Container tools and updaters of devices that were built years ago speak TLS 1.2. */
const contextOf = ({ certificatePem, privateKeyPem }: { certificatePem: string; privateKeyPem: string }) => ({
  key: privateKeyPem,
  cert: certificatePem,
  minVersion: 'TLSv1.2' as const,
})
