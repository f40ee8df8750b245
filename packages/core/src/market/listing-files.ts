/** Listing files: all files that a listing names, once each. */
import type { Listing } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'

export type ListingFile = { digest: Digest; sizeBytes: number }

/** In the order of the listing, without the listing itself and its certificate. */
export function listingFiles({ icon, connections, versions, sample }: Listing): ListingFile[] {
  const all: ListingFile[] = [
    ...(icon ? [icon] : []),
    ...connections.map(({ spec }) => spec),
    ...(sample?.sources ?? []).map(({ spec }) => spec),
    ...versions.flatMap(({ files, golden, sbom }) => [...files, ...(golden ? [golden] : []), ...(sbom ? [sbom] : [])]),
  ]
  return [...new Map(all.map(({ digest, sizeBytes }) => [digest, { digest, sizeBytes }])).values()]
}
