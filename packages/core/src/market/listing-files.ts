/** Listing files: all files that a listing names, once each. */
import type { Listing } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'

export type ListingFile = { digest: Digest; sizeBytes: number }

/** In the order of the listing, without the listing itself and its certificate. */
export function listingFiles({ icon, pictures = [], connections, versions, sample }: Listing): ListingFile[] {
  const all: ListingFile[] = [
    ...(icon ? [icon] : []),
    ...pictures,
    ...connections.map(({ spec }) => spec),
    ...(sample?.sources ?? []).map(({ spec }) => spec),
    ...versions.flatMap(({ files, golden, sbom }) => [...files, ...(golden ? [golden] : []), ...(sbom ? [sbom] : [])]),
  ]
  return [...new Map(all.map(({ digest, sizeBytes }) => [digest, { digest, sizeBytes }])).values()]
}

/** Files that are JSON: templates, app.json, specs, golden inputs, bills of materials. */
export const listingDocuments = ({ connections, versions, sample }: Listing): Set<Digest> =>
  new Set([
    ...(sample?.sources ?? []).map(({ spec }) => spec.digest),
    ...connections.map(({ spec }) => spec.digest),
    ...versions.flatMap(({ files, golden, sbom }) => [
      ...files.filter(({ path }) => /^(app|flow)\.json$/.test(path)).map(({ digest }) => digest),
      ...[golden, sbom].flatMap((file) => (file ? [file.digest] : [])),
    ]),
  ])

/** Files whose bytes are checked: the icon and the pictures. */
export const listingPictures = ({ icon, pictures = [] }: Listing): Set<Digest> =>
  new Set([...(icon ? [icon] : []), ...pictures].map(({ digest }) => digest))
