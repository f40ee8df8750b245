/**
 * Organisation queries: the organisations of the hub, for its operators, and the usage of the person's own. They have
 * no level, so the page fetches them when somebody looks.
 */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

/** The interval that checks whether an organisation has been removed. Nothing else here changes without a person. */
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
