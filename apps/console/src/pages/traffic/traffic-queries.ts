/** Traffic queries: the requests, errors and latency of a model over time. */
import type { TrafficSpan } from '@skerry/contract/traffic/traffic'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

/** The hub adds requests up once a minute, and no level rises then. */
const AGAIN_MS = 30_000

export const trafficQueries = {
  /** Of all devices if `device` is undefined. */
  series: (name: string, over: TrafficSpan, device: string | undefined) =>
    queryOptions({
      queryKey: ['models', 'traffic', name, over, device],
      queryFn: ({ signal }) =>
        device === undefined
          ? hub.traffic.model({ name, over }, { signal })
          : hub.traffic.device({ name, over, device }, { signal }),
      refetchInterval: AGAIN_MS,
      retry: false,
    }),
}
