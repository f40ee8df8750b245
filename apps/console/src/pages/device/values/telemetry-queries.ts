/** Telemetry queries: values that a device has sent. Values come all the time and raise no level: whoever looks has them asked for again by the clock. */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'
import type { SpanName } from '../../../search.ts'
import { partsOf, readSpan } from './read-span.ts'

const NEWEST_EVERY_MS = 10_000
/** A chart of a week changes less often than one of an hour. */
const SERIES_EVERY_MS: Readonly<Record<SpanName, number>> = { '1h': 10_000, '6h': 30_000, '24h': 60_000, '7d': 60_000 }

export const telemetryQueries = {
  signals: (device: string) =>
    queryOptions({
      queryKey: ['telemetry', 'signals', device],
      queryFn: ({ signal }) => allRows((page) => hub.telemetry.signals({ ...page, device }, { signal })),
      staleTime: 0,
      refetchInterval: NEWEST_EVERY_MS,
    }),
  series: (device: string, signalPath: string, span: SpanName) =>
    queryOptions({
      queryKey: ['telemetry', 'series', device, signalPath, span],
      queryFn: ({ signal }) =>
        readSpan(
          (asked) => hub.telemetry.query({ device, signal: signalPath, ...asked }, { signal }),
          partsOf(span, Date.now()),
        ),
      staleTime: 0,
      refetchInterval: SERIES_EVERY_MS[span],
    }),
}
