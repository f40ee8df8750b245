/** Approval marks: how a request stands, as a badge. */
import type { ApprovalStatus } from '@skerry/contract/approvals/approval'
import { Ban, CircleCheck, CircleDashed, Hourglass, type LucideIcon, ThumbsUp } from 'lucide-react'
import { Badge } from '../../components/facts/badge.tsx'
import type { Tone } from '../../components/facts/tones.ts'
import { approvalsTexts } from './english-approvals.ts'

const MARKS: Readonly<Record<ApprovalStatus, { tone: Tone; icon: LucideIcon }>> = {
  pending: { tone: 'warn', icon: Hourglass },
  approved: { tone: 'busy', icon: ThumbsUp },
  used: { tone: 'good', icon: CircleCheck },
  denied: { tone: 'bad', icon: Ban },
  expired: { tone: 'idle', icon: CircleDashed },
}

/** The badge. */
export const ApprovalBadge = ({ status }: { status: ApprovalStatus }) => (
  <Badge {...MARKS[status]} isPlain>
    {approvalsTexts.statuses[status]}
  </Badge>
)
