/** Pair queries: the pairs of the organisation. There are few, so each page filters its own. */
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

export const pairQuery = queryOptions({
  queryKey: ['devices', 'pairs'],
  queryFn: async ({ signal }) => (await hub.pair.list({}, { signal })).rows,
  retry: false,
})
