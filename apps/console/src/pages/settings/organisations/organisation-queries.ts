/** Organisation queries: those of the hub, for its operators; and what one's own uses. No level tells of them: they are asked when somebody looks. */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

/** How often to look whether one that is being removed has gone; otherwise nothing changes here without somebody. */
const REMOVAL_MS = 2_000

export const organisationQueries = {
  list: () =>
    queryOptions({
      queryKey: ['organisations', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.organisation.list(page, { signal })),
      refetchOnMount: 'always',
      refetchInterval: ({ state }) => (state.data?.some(({ status }) => status === 'removing') ? REMOVAL_MS : false),
    }),
  use: () =>
    queryOptions({
      queryKey: ['organisations', 'use'],
      queryFn: ({ signal }) => hub.organisation.use({}, { signal }),
      refetchOnMount: 'always',
    }),
}
