/**
 * Intrusion queries: findings and the rules behind them. All keys begin with `intrusions`, so that live-updates.ts can
 * refresh them.
 */
import { allRows } from '@skerry/client/page'
import type { IntrusionId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'
import type { FindingStatus } from '../../search.ts'

export const intrusionQueries = {
  list: (status: FindingStatus | undefined) =>
    queryOptions({
      queryKey: ['intrusions', 'list', status ?? ''],
      queryFn: ({ signal }) =>
        allRows((page) => hub.intrusion.list({ ...page, ...(status !== undefined && { status }) }, { signal })),
    }),
  /** Fetched only with an id (enabled where it is used). */
  one: (intrusion: IntrusionId | undefined) =>
    queryOptions({
      queryKey: ['intrusions', 'one', intrusion],
      queryFn: ({ signal }) => hub.intrusion.show({ intrusion: intrusion as IntrusionId }, { signal }),
    }),
  rules: () =>
    queryOptions({
      queryKey: ['intrusions', 'rules'],
      queryFn: async ({ signal }) => (await hub.intrusion.rules({}, { signal })).rules,
    }),
  /** The webhook's queue has no level, so the page fetches it when somebody looks. Null if there is no webhook. */
  webhook: () =>
    queryOptions({
      queryKey: ['intrusions', 'webhook'],
      queryFn: async ({ signal }) => (await hub.intrusion.webhook({}, { signal })).webhook ?? null,
      refetchOnWindowFocus: true,
      refetchOnMount: true,
    }),
}
