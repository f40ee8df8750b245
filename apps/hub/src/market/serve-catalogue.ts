/**
 * Serve catalogue: the catalogues that the operator serves, as the static trees that they are, for everybody who reaches
 * the hub. Their content is signed, and other hubs mirror it. Any web server can serve the same tree.
 *
 *     GET /catalogues/:catalogue/index.json
 *     GET /catalogues/:catalogue/blobs/sha256/:hex
 *     GET /catalogues/:organisation/:catalogue/…     a catalogue that the hub signs
 */
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { digestOf, digestOfHex } from '@skerry/platform/files/hash'
import { readIndexBytes, sizeOfCatalogueBlob, streamCatalogueBlob } from '@skerry/platform/market/catalogue-folder'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { findOrganisation } from '../sso/provider-account-store.ts'
import { findCatalogue } from './catalogue-store.ts'
import { folderOf } from './read-catalogue.ts'

/** Adds the routes. */
export function installCatalogueRoutes(app: FastifyInstance, hub: Hub): void {
  for (const path of ['/catalogues/:catalogue', '/catalogues/:organisation/:catalogue']) installRoutes(app, hub, path)
}

function installRoutes(app: FastifyInstance, hub: Hub, path: string): void {
  app.get(`${path}/index.json`, async (request, reply) => {
    const bytes = await readIndexBytes(await servedFolder(hub, request))
    if (!bytes) throw problem('catalogue_unknown')
    const etag = `"${digestOf(bytes)}"`
    reply.headers({ etag, 'content-type': 'application/json', 'cache-control': 'no-cache' })
    return request.headers['if-none-match'] === etag ? reply.status(304).send() : reply.send(bytes)
  })
  app.get(`${path}/blobs/sha256/:hex`, async (request, reply) => {
    const folder = await servedFolder(hub, request)
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
async function servedFolder({ config, store }: Hub, request: FastifyRequest): Promise<string> {
  const { catalogue, organisation } = request.params as { catalogue: string; organisation?: string }
  const name = organisation === undefined ? catalogue : `${organisation}/${catalogue}`
  if (!config.servedCatalogues.includes(name)) throw problem('catalogue_unknown')
  if (organisation === undefined) return join(config.catalogues, catalogue)
  const owner = await findOrganisation(store.db, organisation)
  const row = owner && (await findCatalogue(store.db, { organisationId: owner.id, name: catalogue }))
  if (row?.own !== 1) throw problem('catalogue_unknown')
  return folderOf({ config }, row)
}
