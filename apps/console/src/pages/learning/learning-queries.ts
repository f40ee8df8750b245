/** Learning queries: the requests of the pages of learnings. */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A device reports its progress every two seconds, and no event announces it. */
const LOOK_AGAIN_MS = 2_000

const OVER: readonly string[] = ['done', 'refused', 'cancelled']

export const learningQueries = {
  list: () =>
    queryOptions({
      queryKey: ['models', 'learnings'],
      queryFn: ({ signal }) => allRows((page) => hub.learning.list(page, { signal })),
      refetchInterval: ({ state }) => (state.data?.some(({ phase }) => !OVER.includes(phase)) ? LOOK_AGAIN_MS : false),
    }),
  one: (name: string) =>
    queryOptions({
      queryKey: ['models', 'learnings', name],
      queryFn: ({ signal }) => hub.learning.get({ name }, { signal }),
      refetchInterval: ({ state }) => (OVER.includes(state.data?.phase ?? '') ? false : LOOK_AGAIN_MS),
    }),
  /** The names of the sources that a device runs. */
  sources: (device: string) =>
    queryOptions({
      queryKey: ['sources', 'device', device],
      queryFn: ({ signal }) => hub.source.ofDevice({ device }, { signal }),
      enabled: device !== '',
    }),
  /** The tags of a source, as the device reads them now. */
  tags: (device: string, source: string) =>
    queryOptions({
      queryKey: ['sources', 'look', device, source],
      queryFn: ({ signal }) => hub.source.look({ device, source }, { signal }),
      enabled: device !== '' && source !== '',
      retry: 1,
    }),
}
