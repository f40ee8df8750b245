/** Market queries: the requests of the pages of the marketplace. They begin with `models`, whose level they follow. */
import { requestBytes } from '@skerry/client/connection'
import { allRows } from '@skerry/client/page'
import type { InstallWish } from '@skerry/contract/market/installation'
import type { ListingIcon } from '@skerry/contract/market/listing'
import type { Digest } from '@skerry/contract/values/digest'
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { connection, hub } from '../../hub/hub-client.ts'
import type { MarketSearch } from '../../search.ts'

/** Two screens of cards. */
const PAGE_ROWS = 60

/** The search of the hub takes these words. The hub rejects unknown categories of an address that somebody typed. */
type Query = Pick<MarketSearch, 'q' | 'category' | 'kind' | 'channel' | 'mine'>
type Searched = Parameters<typeof hub.market.search>[0]

export const marketQueries = {
  search: ({ q, category, kind, channel, mine }: Query) =>
    infiniteQueryOptions({
      queryKey: ['models', 'market', 'search', q, category, kind, channel, mine],
      queryFn: ({ signal, pageParam }) => {
        const facets = { category, kind, channel } as Pick<Searched, 'category' | 'kind' | 'channel'>
        return hub.market.search(
          { text: q, ...facets, recommended: mine && 'true', limit: PAGE_ROWS, after: pageParam },
          { signal },
        )
      },
      initialPageParam: undefined as string | undefined,
      getNextPageParam: ({ next }) => next,
      placeholderData: keepPreviousData,
    }),
  listing: (catalogue: string, listing: string, version?: string) =>
    queryOptions({
      queryKey: ['models', 'market', 'listing', catalogue, listing, version],
      queryFn: ({ signal }) => hub.market.get({ catalogue, listing, version }, { signal }),
    }),
  installations: () =>
    queryOptions({
      queryKey: ['models', 'market', 'installations'],
      queryFn: ({ signal }) => allRows((page) => hub.market.installations(page, { signal })),
    }),
  catalogues: () =>
    queryOptions({
      queryKey: ['models', 'market', 'catalogues'],
      queryFn: ({ signal }) => hub.catalogue.list({}, { signal }),
    }),
  opinions: (place: { catalogue: string; listing: string }) =>
    queryOptions({
      queryKey: ['models', 'market', 'opinions', place],
      queryFn: ({ signal }) => hub.market.opinions(place, { signal }),
    }),
  entitlements: () =>
    queryOptions({
      queryKey: ['models', 'market', 'entitlements'],
      queryFn: ({ signal }) => hub.entitlement.list({}, { signal }),
    }),
  plan: (wish: InstallWish) =>
    queryOptions({
      queryKey: ['models', 'market', 'plan', wish],
      queryFn: ({ signal }) => hub.market.plan(wish, { signal }),
      placeholderData: keepPreviousData,
      retry: false,
    }),
  /** The checks of a publication have found that the file is a PNG. */
  picture: (catalogue: string, digest: Digest) =>
    queryOptions({
      queryKey: ['market-picture', catalogue, digest],
      queryFn: async ({ signal }) => {
        const request = { route: 'catalogueBlob', parameters: { catalogue, digest } } as const
        const bytes = await (await requestBytes(connection, request, signal)).arrayBuffer()
        return URL.createObjectURL(new Blob([bytes], { type: 'image/png' }))
      },
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: Number.POSITIVE_INFINITY,
      retry: false,
    }),
  /** The bytes as an address of this page: the browser then never runs the file of a publisher as a page. */
  icon: (catalogue: string, { digest }: ListingIcon) =>
    queryOptions({
      queryKey: ['market-icon', catalogue, digest],
      queryFn: async ({ signal }) => {
        const request = { route: 'catalogueBlob', parameters: { catalogue, digest } } as const
        return URL.createObjectURL(await (await requestBytes(connection, request, signal)).blob())
      },
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: Number.POSITIVE_INFINITY,
      retry: false,
    }),
}
