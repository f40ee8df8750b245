/**
 * Console routes: the built pages. One document for every page path, whose router knows the rest, and the assets, which are named by their
 * content and so may be kept for ever. Whatever else is asked stays unknown; nothing under /v1 is ever answered with a page.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CONSOLE_PAGES } from '@skerry/contract/hub/console-pages'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { problem } from '../http/problem.ts'
import { NOT_BUILT } from './not-built.ts'

/** Nothing from elsewhere, nothing inline, nothing framed: what is injected into a page cannot run, and cannot send anything away. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** [CSP 3, workers] A worker has the policy of its own answer, not that of the page: it computes, and asks nobody for anything. */
const ASSET_POLICY = "default-src 'none'; script-src 'self'; frame-ancestors 'none'"

/** What the build makes, and no path: nobody climbs out of the folder. */
const ASSET_NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}$/

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/** Adds the routes; `folder` is where the build lies, if anywhere. */
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
    'content-security-policy': found ? POLICY : NOT_BUILT.policy,
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
    'cache-control': 'no-cache',
    vary: 'accept-encoding',
  })
  if (!found) return reply.status(503).send(NOT_BUILT.html)
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

type Variant = { bytes: Buffer; encoding: 'br' | 'gzip' | undefined }

/** The smallest form that the browser takes and the build made. */
async function readVariant(
  folder: string | undefined,
  path: string,
  request: FastifyRequest,
): Promise<Variant | undefined> {
  if (folder === undefined) return undefined
  const accepted = acceptedEncodings(request.headers['accept-encoding'])
  const forms = [
    { encoding: 'br', suffix: '.br' },
    { encoding: 'gzip', suffix: '.gz' },
  ] as const
  for (const { encoding, suffix } of forms) {
    const bytes = accepted.has(encoding) ? await readIfThere(join(folder, path + suffix)) : undefined
    if (bytes) return { bytes, encoding }
  }
  const bytes = await readIfThere(join(folder, path))
  return bytes && { bytes, encoding: undefined }
}

/** [RFC 9110 12.5.3] The codings that are named and not refused with `q=0`. */
function acceptedEncodings(header: string | string[] | undefined): Set<string> {
  const parts = String(header ?? '').split(',')
  const wanted = parts.filter((part) => !/;\s*q=0(\.0{0,3})?\s*$/i.test(part))
  return new Set(wanted.map((part) => part.split(';')[0]?.trim().toLowerCase() ?? ''))
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
