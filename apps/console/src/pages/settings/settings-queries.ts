/** Settings queries: how the hub fares, and what it works with. Health has no level: it is asked when somebody looks, and when they say so. */
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A look at another window and back is no reason to have the disk written to again. */
const FRESH_MS = 5_000

export const settingsQueries = {
  health: () =>
    queryOptions({
      queryKey: ['hub', 'health'],
      queryFn: ({ signal }) => hub.hub.health({}, { signal }),
      staleTime: FRESH_MS,
      refetchOnWindowFocus: true,
      refetchOnMount: true,
    }),
  /** How many devices show whose has no level: it is asked when somebody looks. */
  authorities: () =>
    queryOptions({
      queryKey: ['hub', 'authorities'],
      queryFn: ({ signal }) => hub.authority.list({}, { signal }),
      staleTime: FRESH_MS,
      refetchOnWindowFocus: true,
      refetchOnMount: true,
    }),
  certificates: () =>
    queryOptions({
      queryKey: ['hub', 'certificates'],
      queryFn: ({ signal }) => hub.hub.certificates({}, { signal }),
    }),
}
