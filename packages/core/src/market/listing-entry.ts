/** Listing entry: the fields of a listing that the index of a catalogue shows. */
import { CatalogueEntry } from '@skerry/contract/market/catalogue'
import type { Listing } from '@skerry/contract/market/listing'

type Referred = Pick<CatalogueEntry, 'digest' | 'sizeBytes' | 'certificate'>

/** The entry of a listing whose document has this digest and size. Nothing in it is the claim of a publisher. */
export function listingEntry(listing: Listing, { digest, sizeBytes, certificate }: Referred): CatalogueEntry {
  const { name, version, title, summary, categories, licence, publisher, channel, replaces, skips } = listing
  const kinds = [...listing.versions.map(({ kind }) => kind), ...listing.connections.map((each) => each.connection)]
  return CatalogueEntry.parse({
    name,
    version,
    title,
    summary,
    categories,
    licence,
    publisher,
    channel,
    replaces,
    skips,
    digest,
    certificate,
    sizeBytes,
    kinds: [...new Set<string>(kinds)],
    icon: listing.icon,
    deprecated: listing.deprecated,
    worksWith: listing.worksWith,
  })
}
