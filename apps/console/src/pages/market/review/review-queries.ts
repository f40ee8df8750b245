/** Review queries: the requests of the pages of submissions. They begin with `models`, whose level they follow. */
import { allRows } from '@skerry/client/page'
import type { SubmissionId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../../hub/hub-client.ts'

export const reviewQueries = {
  list: () =>
    queryOptions({
      queryKey: ['models', 'market', 'submissions'],
      queryFn: ({ signal }) => allRows((page) => hub.submission.list(page, { signal })),
    }),
  // The hub rejects an id of an address that somebody typed.
  detail: (submission: string) =>
    queryOptions({
      queryKey: ['models', 'market', 'submissions', submission],
      queryFn: ({ signal }) => hub.submission.get({ submission: submission as SubmissionId }, { signal }),
    }),
}
