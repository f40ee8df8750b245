/** Join queries: who waits to be let in, who is expected, and by which rules. Keys begin with the noun whose level has them asked again. */
import { allRows } from '@skerry/client/page'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

export const joinQueries = {
  waiting: () =>
    queryOptions({
      queryKey: ['devices', 'waiting'],
      queryFn: ({ signal }) => allRows((page) => hub.device.waiting(page, { signal })),
    }),
  /** Who is announced, and who has joined as such, is in the trail. */
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
