/** Search listings: finds the newest versions of listings by words and facets. */
import type { CatalogueEntry, SearchFacets } from '@skerry/contract/market/catalogue'
import type { Channel } from '@skerry/contract/market/listing'
import { newestFor } from './listing-versions.ts'

export type SearchedListing = { catalogue: string; entry: CatalogueEntry }

export type ListingQuery = {
  text?: string | undefined
  category?: string | undefined
  kind?: string | undefined
  publisher?: string | undefined
  /** Only listings that work with one of these. */
  protocols?: ReadonlySet<string> | undefined
}

type Prepared = SearchedListing & { words: string }

/** The listings of one channel, prepared for many searches. */
export type ListingSearch = readonly Prepared[]

/** Facets beyond these are not shown. */
const FACETS_MAX = 20

/** Takes the newest version of each listing, sorted by title. */
export function prepareSearch(
  catalogues: readonly { name: string; entries: readonly CatalogueEntry[] }[],
  channel: Channel,
): ListingSearch {
  const newest = catalogues.flatMap(({ name, entries }) =>
    [...Map.groupBy(entries, (entry) => entry.name).values()].flatMap((versions) => {
      const entry = newestFor(versions, channel)
      return entry ? [{ catalogue: name, entry, words: wordsOf(entry) }] : []
    }),
  )
  return newest.toSorted((a, b) => byText(a.entry.title, b.entry.title) || byText(a.entry.name, b.entry.name))
}

/** The hits, those with the text in their title or name first, and the facets of all hits. */
export function searchListings(
  search: ListingSearch,
  { text = '', ...facets }: ListingQuery,
): { hits: SearchedListing[]; facets: SearchFacets } {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  const found = search.filter(
    ({ words: all, entry }) => isInFacets(entry, facets) && words.every((word) => all.includes(word)),
  )
  const isNamed = ({ entry }: SearchedListing) =>
    words.length > 0 && words.every((word) => `${entry.name} ${entry.title.toLowerCase()}`.includes(word))
  const [first, rest] = [found.filter(isNamed), found.filter((hit) => !isNamed(hit))]
  return {
    hits: [...first, ...rest].map(({ catalogue, entry }) => ({ catalogue, entry })),
    facets: {
      categories: counted(found.flatMap(({ entry }) => entry.categories)),
      kinds: counted(found.flatMap(({ entry }) => entry.kinds)),
      publishers: counted(found.map(({ entry }) => entry.publisher)),
    },
  }
}

const isInFacets = (entry: CatalogueEntry, { category, kind, publisher, protocols }: ListingQuery) =>
  (protocols === undefined || (entry.worksWith ?? []).some((protocol) => protocols.has(protocol))) &&
  (category === undefined || entry.categories.some((each) => each === category)) &&
  (kind === undefined || entry.kinds.includes(kind)) &&
  (publisher === undefined || entry.publisher === publisher)

function counted(values: readonly string[]) {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || byText(a.value, b.value))
    .slice(0, FACETS_MAX)
}

const wordsOf = ({ name, title, summary, publisher, categories, kinds }: CatalogueEntry) =>
  [name, title, summary, publisher, ...categories, ...kinds].join(' ').toLowerCase()

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
