/** Approval: decides who may answer a request, and which approval rules a change loosens. */
import type { ApprovalKind, ApprovalRules, ApprovalStatus } from '@skerry/contract/approvals/approval'

export type PendingApproval = { status: ApprovalStatus; expiresAtMs: number; hands: readonly string[] }

/** The status now: a pending request expires by itself when its time is over. */
export function statusAt({ status, expiresAtMs }: Omit<PendingApproval, 'hands'>, nowMs: number): ApprovalStatus {
  const isOpen = status === 'pending' || status === 'approved'
  return isOpen && expiresAtMs <= nowMs ? 'expired' : status
}

type Refusal = { ok: false; code: 'approval_closed' | 'approval_refused'; message: string }

/** Whether this person may approve: not the person who made the request, nor the author of its object. */
export function judgeApprover(waiting: PendingApproval, personId: string, nowMs: number): { ok: true } | Refusal {
  const closed = judgeOpen(waiting, nowMs)
  if (!closed.ok) return closed
  if (!waiting.hands.includes(personId)) return { ok: true }
  return {
    ok: false,
    code: 'approval_refused',
    message: 'you cannot approve this, because you requested or created it; another person has to',
  }
}

/** Whether it can still be answered. An approval that was not used can be taken back. */
export function judgeOpen(waiting: Omit<PendingApproval, 'hands'>, nowMs: number): { ok: true } | Refusal {
  const status = statusAt(waiting, nowMs)
  if (status === 'pending' || status === 'approved') return { ok: true }
  return { ok: false, code: 'approval_closed', message: `the request is ${status}; make a new one` }
}

/** The rules that were on before and are off now. */
export function loosened(before: ApprovalRules, after: ApprovalRules): ApprovalKind[] {
  const isOn = (rules: ApprovalRules, kind: ApprovalKind) => rules[kind] !== undefined && rules[kind] !== false
  // Another choice of production devices may be a smaller one. The text does not show that, so it counts as loosened.
  const isOther = before.deployments !== undefined && before.deployments !== after.deployments
  return (['deployments', 'batches', 'roles', 'audit', 'access'] as const).filter((kind) =>
    kind === 'deployments' ? isOther : isOn(before, kind) && !isOn(after, kind),
  )
}
