/** Approval queries: what waits for a second person. All begin with `approvals`, which live-updates.ts has asked again. */
import { allRows } from '@skerry/client/page'
import type { ApprovalStatus } from '@skerry/contract/approvals/approval'
import type { ApprovalId } from '@skerry/contract/values/ids'
import { queryOptions } from '@tanstack/react-query'
import { hub } from '../../hub/hub-client.ts'

export const approvalQueries = {
  list: (status: ApprovalStatus | undefined) =>
    queryOptions({
      queryKey: ['approvals', 'list', status ?? ''],
      queryFn: ({ signal }) =>
        allRows((page) => hub.approval.list({ ...page, ...(status !== undefined && { status }) }, { signal })),
    }),
  rules: () =>
    queryOptions({ queryKey: ['approvals', 'rules'], queryFn: ({ signal }) => hub.approval.rules({}, { signal }) }),
  /** Asked only with an id (enabled where it is used). */
  one: (approval: ApprovalId | undefined) =>
    queryOptions({
      queryKey: ['approvals', 'one', approval],
      queryFn: ({ signal }) => hub.approval.show({ approval: approval as ApprovalId }, { signal }),
    }),
}
