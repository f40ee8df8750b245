/** Model feed queries: the requests of the pages of model feeds. */
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A check that a person started shows its outcome soon. */
const LOOK_MS = 3_000

export const modelFeedQueries = {
  list: () =>
    queryOptions({
      queryKey: ['models', 'feeds'],
      queryFn: ({ signal }) => hub.modelFeed.list({}, { signal }),
      refetchInterval: LOOK_MS,
    }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['models', 'feeds', name],
      queryFn: ({ signal }) => hub.modelFeed.get({ name }, { signal }),
      refetchInterval: LOOK_MS,
    }),
}
