/** Source queries: what the pages of sources ask of the hub. Keys begin with the noun, which live-updates.ts has asked again. */
import { allRows } from '@skerry/client/page'
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { ConnectionId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

export type SourceWish = { name: string; scope: string; spec: ConnectionSpec }

export const sourceQueries = {
  list: () =>
    queryOptions({
      queryKey: ['sources', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.source.list(page, { signal })),
    }),
  one: (connection: string) =>
    queryOptions({
      queryKey: ['sources', 'one', connection],
      queryFn: ({ signal }) => hub.source.get({ connection: ConnectionId.parse(connection) }, { signal }),
    }),
  /** Which devices it would count on. A dry run: nothing is done. */
  plan: (wish: SourceWish) =>
    queryOptions({
      queryKey: ['sources', 'plan', wish],
      queryFn: ({ signal }) => hub.source.plan(wish, { signal }),
    }),
  /** How all sources of the device do there. */
  ofDevice: (device: string) =>
    queryOptions({
      queryKey: ['sources', 'device', device],
      queryFn: ({ signal }) => hub.source.ofDevice({ device }, { signal }),
    }),
}
