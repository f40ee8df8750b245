/** App log query: fetched only when a person requests it, because the hub records each look at the log of an app. */
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

/** Some screens of lines. The command line fetches more. */
const LINES_MAX = 200

export const appLogQuery = (device: string, app: string) =>
  queryOptions({
    queryKey: ['app-logs', device, app],
    queryFn: async ({ signal }) => {
      const { atMs, lines } = await hub.app.logs({ device, app, tail: LINES_MAX }, { signal })
      return { atMs, lines: lines.map((line, number) => ({ ...line, number })) }
    },
    enabled: false,
    retry: false,
    // Lines from an hour ago are old, and they must not appear again unless a person fetches them.
    gcTime: 300_000,
  })
