/**
 * Settings queries: the health of the hub, and its settings. Health has no level, so the page fetches it when somebody
 * looks or requests it.
 */
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A health request writes to the disk, so a short look at another window must not repeat it. */
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
  /** The number of devices for each authority has no level, so the page fetches it when somebody looks. */
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
