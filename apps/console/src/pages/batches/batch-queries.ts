/** Batch queries: batches, their devices, and whom one would be for. */
import { allRows } from '@skerry/client/page'
import type { JobOutcome } from '@skerry/contract/batches/batch'
import { BatchId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

export const batchQueries = {
  list: () =>
    queryOptions({
      queryKey: ['batches', 'list'],
      queryFn: ({ signal }) => allRows((page) => hub.batch.list(page, { signal })),
    }),
  one: (batch: string) =>
    queryOptions({
      queryKey: ['batches', 'one', batch],
      queryFn: ({ signal }) => hub.batch.get({ batch: BatchId.parse(batch) }, { signal }),
    }),
  devices: (batch: string, outcome: JobOutcome | undefined) =>
    queryOptions({
      queryKey: ['batches', 'devices', batch, outcome ?? ''],
      queryFn: ({ signal }) =>
        allRows((page) =>
          hub.batch.devices({ ...page, batch: BatchId.parse(batch), ...(outcome && { outcome }) }, { signal }),
        ),
    }),
  /** Not kept: each look is on record. */
  output: (batch: BatchId, device: string) =>
    queryOptions({
      queryKey: ['batch-output', batch, device],
      queryFn: ({ signal }) => hub.batch.output({ batch, device }, { signal }),
      gcTime: 0,
    }),
  plan: (selector: string) =>
    queryOptions({
      queryKey: ['batches', 'plan', selector],
      queryFn: ({ signal }) => hub.batch.plan({ selector }, { signal }),
      retry: false,
    }),
}
