/** Documents: the API's description for programs (`/openapi.json`) and for people (`/docs`). Both are made once, when first asked for. */
import type { FastifyInstance } from 'fastify'
import { openApiDocument } from './openapi.ts'
import { renderReference } from './reference.ts'

/** It changes with the program only; an hour spares a page that is reloaded. */
const CACHE = 'public, max-age=3600'

/** Adds the two routes. */
export function installDocuments(app: FastifyInstance): void {
  let made: ReturnType<typeof make> | undefined
  app.get('/openapi.json', async (_request, reply) => {
    made ??= make()
    return reply
      .type('application/json')
      .header('cache-control', CACHE)
      .send((await made).json)
  })
  app.get('/docs', async (_request, reply) => {
    made ??= make()
    const { html, policy } = (await made).reference
    return reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', policy)
      .header('cache-control', CACHE)
      .send(html)
  })
}

async function make() {
  const document = await openApiDocument()
  return { json: JSON.stringify(document), reference: renderReference(document) }
}
