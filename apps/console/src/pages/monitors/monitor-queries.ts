/**
 * Monitor queries: the requests of the pages of monitors. No level rises when devices send a window, so these pages ask
 * again after a time.
 */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** The hub judges every few seconds, and a window is a minute or longer. */
const AGAIN_MS = 10_000

export const monitorQueries = {
  list: () =>
    queryOptions({
      queryKey: ['models', 'monitors'],
      queryFn: ({ signal }) => allRows((page) => hub.monitor.list(page, { signal })),
      refetchInterval: AGAIN_MS,
    }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['models', 'monitors', name],
      queryFn: ({ signal }) => hub.monitor.get({ name }, { signal }),
      refetchInterval: AGAIN_MS,
    }),
  series: (name: string, version: number, spanMs: number) =>
    queryOptions({
      queryKey: ['models', 'monitors', name, 'series', version, spanMs],
      queryFn: ({ signal }) => hub.monitor.series({ name, version, fromMs: Date.now() - spanMs }, { signal }),
      refetchInterval: AGAIN_MS,
    }),
}
