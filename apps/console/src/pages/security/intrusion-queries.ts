/** Intrusion queries: findings and the rules behind them. All begin with `intrusions`, which live-updates.ts has asked again. */
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
  /** Asked only with an id (enabled where it is used). */
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
  /** What waits for it has no level: it is asked when somebody looks. Null where there is none. */
  webhook: () =>
    queryOptions({
      queryKey: ['intrusions', 'webhook'],
      queryFn: async ({ signal }) => (await hub.intrusion.webhook({}, { signal })).webhook ?? null,
      refetchOnWindowFocus: true,
      refetchOnMount: true,
    }),
}
