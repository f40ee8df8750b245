/**
 * Source queries: the requests of the pages of sources. Each key begins with the noun, so that live-updates.ts can
 * refresh it.
 */
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
  /** The devices that the source would apply to. A dry run: it changes nothing. */
  plan: (wish: SourceWish) =>
    queryOptions({
      queryKey: ['sources', 'plan', wish],
      queryFn: ({ signal }) => hub.source.plan(wish, { signal }),
    }),
  /** The state of all sources on the device. */
  ofDevice: (device: string) =>
    queryOptions({
      queryKey: ['sources', 'device', device],
      queryFn: ({ signal }) => hub.source.ofDevice({ device }, { signal }),
    }),
}
