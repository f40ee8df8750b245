/** Secret queries: names, places and ages; no value leaves the hub. */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

export const secretQueries = {
  list: () =>
    queryOptions({
      queryKey: ['secrets', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.secret.list(page, { signal })),
    }),
}
