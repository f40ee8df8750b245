/**
 * Guide routes: serve the built documentation site below /guide/, to everybody: it holds no facts of the installation.
 * Its pages have the policy of the console.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../http/problem.ts'
import { GUIDE_NOT_BUILT } from './not-built.ts'
import { PAGE_POLICY } from './page-policy.ts'
import { readVariant } from './variant.ts'

/** Folders and files of the build. No part begins with a dot, so a request cannot leave the folder. */
const PATH = /^([A-Za-z0-9_@-][A-Za-z0-9._@-]{0,127}\/){0,4}[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,127}$/

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  png: 'image/png',
}

/** A picture in SVG that somebody opens by itself is a document, and must not run code. */
const SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

/** Adds the routes; `folder` is the folder of the build, if there is one. */
export function installGuide(app: FastifyInstance, folder: string | undefined): void {
  app.get('/guide', (_request, reply) => reply.redirect('/guide/', 308))
  app.get('/guide/*', (request, reply) => sendFile(folder, request, reply))
}

async function sendFile(folder: string | undefined, request: FastifyRequest, reply: FastifyReply) {
  const path = pathOf((request.params as { '*': string })['*'])
  const kind = path?.split('.').at(-1) ?? ''
  const type = TYPES[kind]
  const found = path && type ? await readVariant(folder, path, request) : undefined
  if (!found || !type) return sendMissing(folder, request, reply)
  if (found.encoding) reply.header('content-encoding', found.encoding)
  const isNamedByContent = path?.startsWith('assets/') === true
  return reply
    .type(type)
    .headers({
      'content-security-policy': kind === 'svg' ? SVG_POLICY : PAGE_POLICY,
      'cross-origin-opener-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      'cache-control': isNamedByContent ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
    })
    .send(found.bytes)
}

/** The file of an address: a folder shows its index, and an address without an ending is a page. */
function pathOf(wanted: string): string | undefined {
  const path = wanted === '' || wanted.endsWith('/') ? `${wanted}index.html` : wanted
  if (!PATH.test(path)) return undefined
  return /\.\w+$/.test(path) ? path : `${path}.html`
}

async function sendMissing(folder: string | undefined, request: FastifyRequest, reply: FastifyReply) {
  const isBuilt = (await readVariant(folder, 'index.html', request)) !== undefined
  if (isBuilt) throw problem('route_unknown')
  return reply
    .status(503)
    .type('text/html; charset=utf-8')
    .headers({ 'content-security-policy': GUIDE_NOT_BUILT.policy, 'cache-control': 'no-cache' })
    .send(GUIDE_NOT_BUILT.html)
}
