/** Audit queries: the trail as a filter narrows it, and one record of it. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'
import type { AuditSearch } from '../../search.ts'
import { auditWish } from './audit-wish.ts'

const PAGE = 200

export const auditQueries = {
  list: ({ record: _, ...filter }: AuditSearch) =>
    infiniteQueryOptions({
      queryKey: ['audit', 'list', filter],
      queryFn: ({ signal, pageParam }) =>
        hub.audit.list(
          {
            newestFirst: 'true',
            limit: PAGE,
            ...auditWish(filter, Date.now()),
            ...(pageParam && { after: pageParam }),
          },
          { signal },
        ),
      initialPageParam: '',
      getNextPageParam: ({ next }) => next,
      placeholderData: keepPreviousData,
    }),
  /** The record of a sequence: the first after the one before. */
  record: (sequence: number) =>
    queryOptions({
      queryKey: ['audit', 'record', sequence],
      queryFn: async ({ signal }) => {
        const { rows } = await hub.audit.list({ limit: 1, after: `0.${sequence - 1}` }, { signal })
        return rows.find((record) => record.sequence === sequence) ?? null
      },
    }),
}
