/** Listing reference: a listing as people name it: `pump-watch`, `plant/pump-watch` or `plant/pump-watch@1.2.0`. */
import type { SkerryClient } from '@skerry/client/client'
import { allRows } from '@skerry/client/page'
import { ListingVersion, ShortName } from '@skerry/contract/market/listing'
import { Name } from '@skerry/contract/values/names'
import { fits, required } from '../../program/command.ts'
import { exitCodes, Failure, wrongUsage } from '../../program/failure.ts'

export type ListingReference = { catalogue: string | undefined; listing: string; version: string | undefined }

/** Parses `[CATALOGUE/]NAME[@VERSION]`. */
export function parseListing(text: string): ListingReference {
  const [path = '', version] = text.split('@')
  const parts = path.split('/')
  const listing = fits(ShortName)(parts.at(-1) ?? '')
  if (parts.length > 2) throw new Error('must be NAME, CATALOGUE/NAME or CATALOGUE/NAME@VERSION')
  const catalogue = parts.length === 2 ? fits(Name)(parts[0] ?? '') : undefined
  return { catalogue, listing, version: version === undefined ? undefined : fits(ListingVersion)(version) }
}

export const LISTING = required('<listing>', '[CATALOGUE/]NAME[@VERSION]', parseListing)

/** The catalogue of the listing. Fails if several have one of this name. */
export async function catalogueOf(
  client: SkerryClient,
  { catalogue, listing }: ListingReference,
  signal: AbortSignal,
): Promise<string> {
  if (catalogue !== undefined) return catalogue
  const hits = await allRows((page) => client.market.search({ ...page, text: listing, channel: 'beta' }, { signal }))
  const found = hits.filter(({ entry }) => entry.name === listing)
  const [first, second] = found
  if (second) {
    throw wrongUsage(
      `several catalogues have ${listing}`,
      `name one: ${found.map((hit) => `${hit.catalogue}/${listing}`).join(', ')}`,
    )
  }
  if (first) return first.catalogue
  throw new Failure({
    code: 'listing_unknown',
    message: `no catalogue has the listing ${listing}`,
    next: '"skerry market search" lists them',
    exitCode: exitCodes.failed,
  })
}
