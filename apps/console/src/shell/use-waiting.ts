/** Use waiting: what waits for whoever is signed in, for each page that shows it. */
import { useQuery } from '@tanstack/react-query'
import { useNowMs } from '../components/facts/instant.tsx'
import { useRefusal } from '../hub/permission.ts'
import { approvalQueries } from '../pages/approvals/approval-queries.ts'
import { intrusionQueries } from '../pages/security/intrusion-queries.ts'
import type { ListedDestination } from './navigation.ts'

/** How much waits there; a page without an entry has nothing that waits. */
export function useWaiting(): Partial<Record<ListedDestination['to'], number>> {
  return { '/approvals': useWaitingApprovals(), '/security': useOpenFindings() }
}

/** Those that this person can answer, whose time is not over. */
function useWaitingApprovals(): number {
  const refusal = useRefusal('approval.write', 'approval.list')
  const { data } = useQuery({ ...approvalQueries.list('pending'), enabled: refusal === undefined })
  const nowMs = useNowMs()
  return data?.filter((row) => row.refusal === undefined && row.expiresAtMs > nowMs).length ?? 0
}

function useOpenFindings(): number {
  const refusal = useRefusal('intrusion.write', 'intrusion.list')
  return useQuery({ ...intrusionQueries.list('open'), enabled: refusal === undefined }).data?.length ?? 0
}
