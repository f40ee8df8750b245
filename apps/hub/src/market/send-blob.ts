/**
 * Send blob: a file of a catalogue. An icon is shown as a picture that can run nothing and load nothing, even if a
 * person opens its address. Any other file is only bytes.
 */
import { Readable } from 'node:stream'
import { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { measureCatalogueBlob, streamCatalogueBlob } from '@skerry/platform/market/catalogue-folder'
import type { FastifyReply } from 'fastify'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import { entriesOf } from './catalogue-index.ts'
import { knownCatalogue } from './open-listing.ts'
import { folderOf } from './read-catalogue.ts'

/** [CSP 3, sandbox] No script, no form, no other file. Pictures may style themselves. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

/** The blob, if a listing of the catalogue names it as its icon, its document or its certificate, or a document does. */
export async function sendCatalogueBlob(
  hub: Hub,
  organisationId: OrganisationId,
  parameters: unknown,
  reply: FastifyReply,
) {
  const { catalogue, digest: text } = parameters as { catalogue: string; digest: string }
  const digest = Digest.safeParse(text)
  if (!digest.success || !Name.safeParse(catalogue).success) throw problem('blob_unknown')
  const row = await knownCatalogue(hub, organisationId, catalogue)
  const icon = (await entriesOf(hub, row)).find((entry) => entry.icon?.digest === digest.data)?.icon
  const measured = await measureCatalogueBlob(folderOf(hub, row), digest.data, hub.signal)
  if (!measured) throw problem('blob_unknown')
  if (measured.digest !== digest.data) throw problem('listing_tampered')
  reply.headers({
    'content-type': icon?.type ?? 'application/octet-stream',
    'content-length': measured.sizeBytes,
    'content-security-policy': PICTURE_POLICY,
    'x-content-type-options': 'nosniff',
    'content-disposition': icon ? 'inline' : 'attachment',
    'cache-control': 'private, max-age=31536000, immutable',
  })
  return reply.send(Readable.from(streamCatalogueBlob(folderOf(hub, row), digest.data), { objectMode: false }))
}
