/** Log queries: asked by a person only, never by themselves: each look at a device's log is recorded. */
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
      // What was fetched an hour ago is old, and what was not asked for again must not come again.
      gcTime: 300_000,
    }),
}
