/** Log queries: fetched only when a person requests them, because the hub records each look at a device's log. */
import { LOG_LINES_MAX } from '@skerry/contract/devices/log-line'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

export const logQueries = {
  lines: (device: string) =>
    queryOptions({
      queryKey: ['device-logs', device],
      queryFn: ({ signal }) => hub.device.logs({ device, limit: LOG_LINES_MAX }, { signal }),
      enabled: false,
      retry: false,
      // Lines from an hour ago are old, and they must not appear again unless a person fetches them.
      gcTime: 300_000,
    }),
}
