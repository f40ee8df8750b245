/**
 * Serve catalogue: the catalogues that the operator serves, as the static trees that they are, for everybody who reaches
 * the hub. Their content is signed, and other hubs mirror it. Any web server can serve the same tree.
 *
 *     GET /catalogues/:catalogue/index.json
 *     GET /catalogues/:catalogue/blobs/sha256/:hex
 */
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { digestOf, digestOfHex } from '@skerry/platform/files/hash'
import { readIndexBytes, sizeOfCatalogueBlob, streamCatalogueBlob } from '@skerry/platform/market/catalogue-folder'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'

/** Adds the routes. */
export function installCatalogueRoutes(app: FastifyInstance, hub: Hub): void {
  app.get('/catalogues/:catalogue/index.json', async (request, reply) => {
    const bytes = await readIndexBytes(servedFolder(hub, request))
    if (!bytes) throw problem('catalogue_unknown')
    const etag = `"${digestOf(bytes)}"`
    reply.headers({ etag, 'content-type': 'application/json', 'cache-control': 'no-cache' })
    return request.headers['if-none-match'] === etag ? reply.status(304).send() : reply.send(bytes)
  })
  app.get('/catalogues/:catalogue/blobs/sha256/:hex', async (request, reply) => {
    const folder = servedFolder(hub, request)
    const { hex } = request.params as { hex: string }
    const digest = /^[0-9a-f]{64}$/.test(hex) ? digestOfHex(hex) : undefined
    const sizeBytes = digest && (await sizeOfCatalogueBlob(folder, digest))
    if (!digest || sizeBytes === undefined) throw problem('blob_unknown')
    reply.headers({
      'content-type': 'application/octet-stream',
      'content-length': sizeBytes,
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
      'cache-control': 'public, max-age=31536000, immutable',
    })
    // The mirror verifies the digest of what it gets.
    return reply.send(Readable.from(streamCatalogueBlob(folder, digest), { objectMode: false }))
  })
}

/** A catalogue that the operator does not name looks as if it did not exist. */
function servedFolder({ config }: Hub, request: FastifyRequest): string {
  const { catalogue } = request.params as { catalogue: string }
  if (!config.servedCatalogues.includes(catalogue)) throw problem('catalogue_unknown')
  return join(config.catalogues, catalogue)
}
