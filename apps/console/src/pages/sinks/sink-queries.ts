/** Sink queries: what the pages of sinks ask of the hub. They change with what sources change with, so their keys begin as those do. */
import { allRows } from '@skerry/client/page'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { ConnectionId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

type SinkWish = { name: string; scope: string; spec: ConnectionSpec }

export const sinkQueries = {
  list: () =>
    queryOptions({
      queryKey: ['sources', 'sinks', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.sink.list(page, { signal })),
    }),
  one: (connection: string) =>
    queryOptions({
      queryKey: ['sources', 'sinks', 'one', connection],
      queryFn: ({ signal }) => hub.sink.get({ connection: ConnectionId.parse(connection) }, { signal }),
    }),
  /** Which devices it counts on. A dry run: nothing is done. */
  plan: (wish: SinkWish) =>
    queryOptions({
      queryKey: ['sources', 'sinks', 'plan', wish],
      queryFn: ({ signal }) => hub.sink.plan(wish, { signal }),
    }),
  /** How all sinks of the device do there. */
  ofDevice: (device: string) =>
    queryOptions({
      queryKey: ['sources', 'sinks', 'device', device],
      queryFn: ({ signal }) => hub.sink.ofDevice({ device }, { signal }),
    }),
}
