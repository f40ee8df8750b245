/** Trail queries: where the trail is sent, and what of it lies in files. All begin with `audit`, which live-updates.ts has asked again. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

const PAGE = 100

export const trailQueries = {
  /** How far it has got has no level: it is asked when somebody looks. Null where there is none. */
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
