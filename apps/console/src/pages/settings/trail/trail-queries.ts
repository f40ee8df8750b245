/**
 * Trail queries: the receivers of the audit trail, and its parts that are in files. All keys begin with `audit`, so
 * that live-updates.ts can refresh them.
 */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

const PAGE = 100

export const trailQueries = {
  /**
   * The progress of the receiver has no level, so the page fetches it when somebody looks. Null if there is no
   * receiver.
   */
  syslog: () =>
    queryOptions({
      queryKey: ['audit', 'syslog'],
      queryFn: async ({ signal }) => (await hub.audit.syslog({}, { signal })).syslog ?? null,
      refetchOnWindowFocus: true,
      refetchOnMount: true,
    }),
  archives: () =>
    infiniteQueryOptions({
      queryKey: ['audit', 'archives'],
      queryFn: ({ signal, pageParam }) =>
        hub.audit.archives({ limit: PAGE, ...(pageParam && { after: pageParam }) }, { signal }),
      initialPageParam: '',
      getNextPageParam: ({ next }) => next,
    }),
  retention: () =>
    queryOptions({ queryKey: ['audit', 'retention'], queryFn: ({ signal }) => hub.audit.retention({}, { signal }) }),
}
