/**
 * Client routes: the Python client of this hub, for everybody: it has no secret and no facts of the installation.
 *
 *     GET /clients/                     a page of links, as pip reads it with --find-links
 *     GET /clients/skerry-0.1.0-….whl   the package
 *     GET /clients/skerry.py            the single file, to copy beside a notebook
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { problem } from '../http/problem.ts'
import { pythonWheel } from './wheel.ts'

/** In a packed hub, and in the repository. */
const PLACES = ['../../clients/skerry.py', '../../../../clients/python/skerry.py']

/** The files by name. They are made once. */
type Files = ReadonlyMap<string, Uint8Array>

/** Adds the routes. */
export function installClients(app: FastifyInstance): void {
  let files: Promise<Files> | undefined
  const known = () => (files ??= clientFiles())
  app.get('/clients', (_request, reply) => reply.redirect('/clients/', 308))
  app.get('/clients/', async (_request, reply) => {
    const links = [...(await known()).keys()].map((name) => `<a href="${name}">${name}</a><br>`)
    return reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", 'cache-control': 'no-cache' })
      .send(`<!doctype html>\n<html lang="en">\n<title>Clients of Skerry</title>\n${links.join('\n')}\n</html>\n`)
  })
  app.get('/clients/:file', async (request, reply) => {
    const { file } = request.params as { file: string }
    const bytes = (await known()).get(file)
    if (!bytes) throw problem('route_unknown')
    return reply.type('application/octet-stream').header('cache-control', 'no-cache').send(Buffer.from(bytes))
  })
}

async function clientFiles(): Promise<Files> {
  const source = await clientSource()
  if (!source) return new Map()
  const { name, bytes } = pythonWheel(source)
  return new Map([
    [name, bytes],
    ['skerry.py', source],
  ])
}

/** The bytes of the client; undefined if this hub was installed without it. */
async function clientSource(): Promise<Uint8Array | undefined> {
  for (const place of PLACES) {
    const found = await readFile(fileURLToPath(new URL(place, import.meta.url))).catch(() => undefined)
    if (found) return found
  }
  return undefined
}
