/**
 * Sink queries: the requests of the pages of sinks. The same events change sinks and sources, so their keys have the
 * same beginning.
 */
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
  /** The devices that the sink would apply to. A dry run: it changes nothing. */
  plan: (wish: SinkWish) =>
    queryOptions({
      queryKey: ['sources', 'sinks', 'plan', wish],
      queryFn: ({ signal }) => hub.sink.plan(wish, { signal }),
    }),
  /** The state of all sinks on the device. */
  ofDevice: (device: string) =>
    queryOptions({
      queryKey: ['sources', 'sinks', 'device', device],
      queryFn: ({ signal }) => hub.sink.ofDevice({ device }, { signal }),
    }),
}
