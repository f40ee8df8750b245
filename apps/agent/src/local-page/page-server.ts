/**
 * Page server: the local page over HTTP on this computer, or over HTTPS for the network. It has limits of its own,
 * because it must not cost the models of the device anything.
 */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Credentials } from '@skerry/platform/certificates/certificate-authority'
import type { Log } from '@skerry/platform/process/log'
import type { Address } from '../options.ts'
import { readRequest } from './page-request.ts'
import type { PageAnswer, PageRoutes } from './page-routes.ts'
import { problemPage } from './page-view.ts'

export type PageServerDeps = {
  address: Address
  /** For HTTPS. Undefined for a page on loopback. */
  credentials: Credentials | undefined
  routes: PageRoutes
  log: Pick<Log, 'error'>
  /** Called when the server listens. */
  onListen(url: string): void
}

/** A few people with a browser each, which opens six connections. */
const CONNECTIONS_MAX = 48

/** A form has some bytes. */
const REQUEST_MS = 10_000

/** [CSP Level 3] Only own style and script, own forms, and no page around this one. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
}

/** Serves until the signal aborts. Rejects if it cannot listen. */
export async function servePage(deps: PageServerDeps, signal: AbortSignal): Promise<void> {
  const { address, credentials } = deps
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 16_384 }
  const server: Server = credentials
    ? createSecureServer({ ...limits, key: credentials.privateKeyPem, cert: credentials.certificatePem })
    : createServer(limits)
  server.maxConnections = CONNECTIONS_MAX
  const scheme = credentials ? 'https' : 'http'
  server.on('request', (message, response) => {
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    void answer(message, AbortSignal.any([signal, gone.signal]))
      .catch((error: unknown): PageAnswer => {
        if (!gone.signal.aborted) deps.log.error('page_failed', { path: message.url, error })
        return failed(500, 'The agent could not answer. Its log has the reason.')
      })
      .then((made) => send(response, made))
  })
  const answer = async (message: Parameters<typeof readRequest>[0], until: AbortSignal) => {
    const read = await readRequest(message, scheme)
    return read.ok ? deps.routes(read.request, until) : failed(read.status, read.message)
  }
  server.listen(address.port, address.host)
  try {
    await once(server, 'listening', { signal })
    deps.onListen(`${scheme}://${hostText(address.host)}:${(server.address() as AddressInfo).port}`)
    await once(server, 'close', { signal })
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

const hostText = (host: string) => (host.includes(':') ? `[${host}]` : host)

const failed = (status: number, message: string): PageAnswer => ({
  status,
  type: 'text/html',
  text: problemPage('Not possible', message),
  headers: { connection: 'close' },
})

function send(response: ServerResponse, { status, headers = {}, type, text = '' }: PageAnswer): void {
  if (response.destroyed) return
  response.writeHead(status, { ...HEADERS, ...(type && { 'content-type': `${type}; charset=utf-8` }), ...headers })
  response.end(text)
}
