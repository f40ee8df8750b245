/** Route queries: the requests of the pages of routes. */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** Gateways report every five seconds, which raises no event. */
const AGAIN_MS = 5_000

export const routeQueries = {
  list: () =>
    queryOptions({
      queryKey: ['deployments', 'routes'],
      queryFn: ({ signal }) => allRows((page) => hub.route.list(page, { signal })),
    }),
  /** The list with its traffic. */
  live: () => queryOptions({ ...routeQueries.list(), refetchInterval: AGAIN_MS }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['deployments', 'routes', name],
      queryFn: ({ signal }) => hub.route.get({ name }, { signal }),
      refetchInterval: AGAIN_MS,
    }),
}
