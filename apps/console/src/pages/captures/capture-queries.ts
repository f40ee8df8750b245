/** Capture queries: the requests of the pages of captures. */
import { allRows } from '@skerry/client/page'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

export const captureQueries = {
  list: () =>
    queryOptions({
      queryKey: ['models', 'captures'],
      queryFn: ({ signal }) => allRows((page) => hub.capture.list(page, { signal })),
    }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['models', 'captures', name],
      queryFn: ({ signal }) => hub.capture.get({ name }, { signal }),
    }),
  devices: (name: string) =>
    queryOptions({
      queryKey: ['devices', 'captures', name],
      queryFn: ({ signal }) => hub.capture.devices({ name }, { signal }),
      retry: false,
    }),
  performance: (name: string) =>
    queryOptions({
      queryKey: ['models', 'captures', name, 'performance'],
      queryFn: ({ signal }) => hub.capture.performance({ name }, { signal }),
      retry: false,
    }),
  /** Each request is a look of a person: none happens by itself, and no row stays when the page is left. */
  rows: (name: string, device: string) =>
    infiniteQueryOptions({
      queryKey: ['captured-rows', name, device],
      queryFn: ({ signal, pageParam }) =>
        hub.capture.rows({ name, device, ...(pageParam !== undefined && { before: pageParam }) }, { signal }),
      initialPageParam: undefined as number | undefined,
      getNextPageParam: ({ next }) => next,
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 0,
      retry: false,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
    }),
}
