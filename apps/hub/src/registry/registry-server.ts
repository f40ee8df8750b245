/**
 * Registry server: a TLS port for container tools, which speak the OCI distribution specification. It is off unless the
 * hub has `--registry-listen`. It serves nothing but the paths of the specification.
 */
import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { answerProblem, installErrors, refuseMalformed } from '../http/error-answers.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { installRegistryRoutes } from './registry-routes.ts'

export type RegistryOptions = { host: string; port: number }

export type RegistryServer = AsyncDisposable & { port: number }

const HEADERS_MS = 10_000

/** Docker sends a layer in one request. 16 GiB at 10 Mbit/s take under four hours. */
const REQUEST_MS = 6 * 3_600_000

/** A connection that is silent for so long is broken. A bucket may take minutes to join the parts of a layer. */
const SILENCE_MS = 300_000

/** A pull uses some connections, and few people pull at the same time. */
const CONNECTIONS_MAX = 1_000

export async function startRegistryServer(hub: Hub, { host, port }: RegistryOptions): Promise<RegistryServer> {
  const app = fastify({
    https: {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      handshakeTimeout: HEADERS_MS,
      ...contextOf(hub.serverCertificate.current()),
    },
    genReqId: () => hub.ids.request(),
    requestIdHeader: false,
    requestTimeout: REQUEST_MS,
    connectionTimeout: SILENCE_MS,
    routerOptions: { maxParamLength: 1_024 },
    forceCloseConnections: true,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: (_error, _request, reply) => answerProblem(reply, problem('input_invalid', 'the path is no URL')),
  })
  app.server.maxConnections = CONNECTIONS_MAX
  installErrors(app, hub)
  await installRegistryRoutes(app, hub)
  await using stack = new AsyncDisposableStack()
  stack.defer(() => app.close())
  await app.listen({ host, port })
  hub.serverCertificate.onChange((credentials) => app.server.setSecureContext(contextOf(credentials)))
  const address = app.server.address() as AddressInfo
  hub.log.info('registry_ready', { host, port: address.port })
  const open = stack.move()
  return { port: address.port, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

/** Container tools of older systems speak TLS 1.2. */
const contextOf = ({ certificatePem, privateKeyPem }: { certificatePem: string; privateKeyPem: string }) => ({
  key: privateKeyPem,
  cert: certificatePem,
  minVersion: 'TLSv1.2' as const,
})
