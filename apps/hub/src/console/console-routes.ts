/**
 * Console routes: serve the built pages. Every page path gets one document, and its router shows the page. Assets are
 * named by their content, so clients may cache them for ever. All other paths are unknown. No path under /v1 is ever
 * answered with a page.
 */
import { CONSOLE_PAGES } from '@skerry/contract/hub/console-pages'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../http/problem.ts'
import { CONSOLE_NOT_BUILT } from './not-built.ts'
import { PAGE_POLICY } from './page-policy.ts'
import { readVariant } from './variant.ts'

/**
 * [CSP 3, workers] A worker has the policy of its own answer, not that of the page. It only computes, and needs no
 * network.
 */
const ASSET_POLICY = "default-src 'none'; script-src 'self'; frame-ancestors 'none'"

/** The names of build outputs. A name is no path, so a request cannot leave the folder. */
const ASSET_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/** Adds the routes; `folder` is the folder of the build, if there is one. */
export function installConsole(app: FastifyInstance, folder: string | undefined): void {
  const page = (request: FastifyRequest, reply: FastifyReply) => sendPage(folder, request, reply)
  app.get('/', page)
  for (const name of CONSOLE_PAGES) {
    app.get(`/${name}`, page)
    app.get(`/${name}/*`, page)
  }
  app.get('/assets/:name', (request, reply) => sendAsset(folder, request, reply))
}

async function sendPage(folder: string | undefined, request: FastifyRequest, reply: FastifyReply) {
  const found = await readVariant(folder, 'index.html', request)
  reply.type('text/html; charset=utf-8').headers({
    'content-security-policy': found ? PAGE_POLICY : CONSOLE_NOT_BUILT.policy,
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
  })
  if (!found) return reply.status(503).send(CONSOLE_NOT_BUILT.html)
  if (found.encoding) reply.header('content-encoding', found.encoding)
  return reply.send(found.bytes)
}

async function sendAsset(folder: string | undefined, request: FastifyRequest, reply: FastifyReply) {
  const { name } = request.params as { name: string }
  const type = TYPES[name.split('.').at(-1) ?? '']
  const found = ASSET_NAME.test(name) && type ? await readVariant(folder, `assets/${name}`, request) : undefined
  if (!found || !type) throw problem('route_unknown')
  if (found.encoding) reply.header('content-encoding', found.encoding)
  return reply
    .type(type)
    .headers({
      'content-security-policy': ASSET_POLICY,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
    })
    .send(found.bytes)
}
