/**
 * Join queries: the devices that wait for admission, the expected devices, and the rules. Each key begins with a noun.
 * A change of that noun's level triggers the next fetch.
 */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

export const joinQueries = {
  waiting: () =>
    queryOptions({
      queryKey: ['devices', 'waiting'],
      queryFn: ({ signal }) => allRows((page) => hub.device.waiting(page, { signal })),
    }),
  /** The audit trail records expected devices, and each one that joined. */
  expected: () =>
    queryOptions({
      queryKey: ['expected'],
      queryFn: ({ signal }) => allRows((page) => hub.expected.list(page, { signal })),
    }),
  rules: () =>
    queryOptions({
      queryKey: ['expected', 'rules'],
      queryFn: ({ signal }) => hub.device.joiningRules({}, { signal }),
    }),
}
