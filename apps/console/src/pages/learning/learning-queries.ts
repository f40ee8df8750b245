/** Learning queries: the requests of the pages of learnings. */
import { allRows } from '@skerry/client/page'
import { TELEMETRY_BUCKETS_MAX } from '@skerry/contract/hub/telemetry'
import { alarmSpans } from '@skerry/core/learning/alarm-spans'
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** A device reports its progress every two seconds, and no event announces it. */
const LOOK_AGAIN_MS = 2_000

/** An alarm on this page is history. The alarm itself is sent elsewhere. */
const ALARMS_AGAIN_MS = 10_000

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
  fleets: () =>
    queryOptions({
      queryKey: ['models', 'learnings', 'fleets'],
      queryFn: ({ signal }) => allRows((page) => hub.learning.listFleets(page, { signal })),
    }),
  fleet: (name: string) =>
    queryOptions({
      queryKey: ['models', 'learnings', 'fleets', name],
      queryFn: ({ signal }) => hub.learning.getFleet({ name }, { signal }),
      refetchInterval: ({ state }) =>
        state.data?.members?.every(({ phase }) => OVER.includes(phase)) ? false : LOOK_AGAIN_MS,
    }),
  /** The devices that a selector selects now. */
  selected: (selector: string) =>
    queryOptions({
      queryKey: ['preview', 'learning', selector],
      queryFn: ({ signal }) => hub.selector.preview({ selector, limit: 1 }, { signal }),
      enabled: selector.trim() !== '',
      placeholderData: keepPreviousData,
      retry: false,
    }),
  /** The alarms of a flow in the last day. The buckets are a minute and a half wide. */
  alarms: (device: string, flow: string) =>
    queryOptions({
      queryKey: ['telemetry', 'alarms', device, flow],
      queryFn: async ({ signal }) => {
        const toMs = Date.now()
        const fromMs = toMs - 86_400_000
        const wish = { device, signal: `${flow}/alarms`, fromMs, toMs, buckets: TELEMETRY_BUCKETS_MAX }
        return alarmSpans(await hub.telemetry.query(wish, { signal }))
      },
      refetchInterval: ALARMS_AGAIN_MS,
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
