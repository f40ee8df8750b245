/** Catalogue index: the last good indices of an organisation, parsed once and kept for searches. */
import type { CatalogueEntry, CatalogueIndex } from '@skerry/contract/market/catalogue'
import type { Channel } from '@skerry/contract/market/listing'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { type ListingSearch, prepareSearch } from '@skerry/core/market/search-listings'
import type { Hub } from '../hub.ts'
import { type CatalogueRow, listCatalogues, storedIndex } from './catalogue-store.ts'

/** An index of 20,000 versions takes some 30 MB. A hub with more than these reads an index again. */
const INDICES_KEPT = 8

type Kept = { indices: Map<string, CatalogueIndex>; searches: Map<string, ListingSearch> }

const keptBy = new WeakMap<Hub, Kept>()

function keptOf(hub: Hub): Kept {
  const kept = keptBy.get(hub) ?? { indices: new Map(), searches: new Map() }
  keptBy.set(hub, kept)
  return kept
}

/** The entries of a catalogue; none before its first good index. */
export async function entriesOf(hub: Hub, row: CatalogueRow): Promise<readonly CatalogueEntry[]> {
  if (row.index_digest === null) return []
  const { indices } = keptOf(hub)
  // The digest identifies the content, so that organisations share it.
  const index =
    indices.get(row.index_digest) ??
    (await storedIndex(hub.store.db, { organisationId: row.organisation_id, name: row.name }))
  if (!index) return []
  remember(indices, row.index_digest, index)
  return index.listings
}

/** A search over all catalogues of the organisation. It is prepared again when an index changes. */
export async function searchOf(hub: Hub, organisationId: OrganisationId, channel: Channel): Promise<ListingSearch> {
  const rows = await listCatalogues(hub.store.db, organisationId)
  const key = [channel, ...rows.map(({ name, index_digest }) => `${name}=${index_digest}`)].join(' ')
  const { searches } = keptOf(hub)
  const found = searches.get(key)
  if (found) return found
  const catalogues = await Promise.all(
    rows.map(async (row) => ({ name: row.name, entries: await entriesOf(hub, row) })),
  )
  const search = prepareSearch(catalogues, channel)
  remember(searches, key, search)
  return search
}

/** Keeps the newest ones. */
function remember<Value>(kept: Map<string, Value>, key: string, value: Value): void {
  kept.delete(key)
  kept.set(key, value)
  for (const old of [...kept.keys()].slice(0, -INDICES_KEPT)) kept.delete(old)
}
