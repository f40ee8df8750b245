/** Access queries: the requests of the tab Access. The level `devices` rises when a grant or a session changes. */
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

/** Older ones are on the command line. */
const SHOWN = 50

export const accessQueries = {
  grants: (device: string) =>
    queryOptions({
      queryKey: ['devices', 'access', device, 'grants'],
      queryFn: ({ signal }) => hub.access.list({ device, limit: SHOWN }, { signal }),
      retry: false,
    }),
  sessions: (device: string) =>
    queryOptions({
      queryKey: ['devices', 'access', device, 'sessions'],
      queryFn: ({ signal }) => hub.access.sessions({ device, limit: SHOWN }, { signal }),
      retry: false,
    }),
}
