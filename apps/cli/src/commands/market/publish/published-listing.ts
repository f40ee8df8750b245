/** Published listing: a version read back from a catalogue, in the form of a built one. */

import { type CatalogueEntry, CERTIFICATE_BYTES_MAX } from '@skerry/contract/market/catalogue'
import { Certificate } from '@skerry/contract/market/certificate'
import { LISTING_BYTES_MAX, Listing, TEMPLATE_BYTES_MAX } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import type { FoundFile } from '@skerry/core/market/checks/check-listing'
import { listingDocuments, listingFiles, listingPictures } from '@skerry/core/market/listing-files'
import { parseJson } from '@skerry/core/values/parse-json'
import { measureCatalogueBlob, readCatalogueBlob, streamCatalogueBlob } from '@skerry/platform/market/catalogue-folder'
import { fail } from '../../../program/failure.ts'

export type PublishedListing = {
  listing: Listing
  certificate: Certificate | undefined
  found: ReadonlyMap<Digest, FoundFile>
  contentOf: (digest: Digest) => AsyncIterable<Uint8Array>
}

/** Reads the files of the version. A missing or changed file is a finding of a check, not a failure. */
export async function readPublished(
  folder: string,
  entry: CatalogueEntry,
  signal: AbortSignal,
): Promise<PublishedListing> {
  const text = await readCatalogueBlob(folder, entry.digest, LISTING_BYTES_MAX)
  const parsed = text.ok ? Listing.safeParse(parseJson(text.bytes.toString('utf8'))) : undefined
  if (!parsed?.success) {
    throw fail('file_invalid', `the listing ${entry.name}@${entry.version} is missing, was changed, or is no listing`)
  }
  const listing = parsed.data
  const found = new Map<Digest, FoundFile>()
  const documents = listingDocuments(listing)
  const pictures = listingPictures(listing)
  for (const digest of filesOf(listing)) {
    const measured = await measureCatalogueBlob(folder, digest, signal)
    const isSmall = documents.has(digest) || pictures.has(digest)
    const read = isSmall && measured ? await readCatalogueBlob(folder, digest, TEMPLATE_BYTES_MAX) : undefined
    const bytes = read?.ok ? read.bytes : undefined
    const document = bytes && documents.has(digest) ? parseJson(bytes.toString('utf8')) : undefined
    found.set(digest, { measured, ...(bytes && { bytes }), ...(document !== undefined && { document }) })
  }
  const certificate = await certificateIn(folder, entry)
  return { listing, certificate, found, contentOf: (digest) => streamCatalogueBlob(folder, digest) }
}

async function certificateIn(folder: string, { certificate }: CatalogueEntry): Promise<Certificate | undefined> {
  if (!certificate) return undefined
  const read = await readCatalogueBlob(folder, certificate.digest, CERTIFICATE_BYTES_MAX)
  return read.ok ? Certificate.safeParse(parseJson(read.bytes.toString('utf8'))).data : undefined
}

const filesOf = (listing: Listing) => listingFiles(listing).map(({ digest }) => digest)
