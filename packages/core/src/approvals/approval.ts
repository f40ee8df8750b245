/** Approval: who may answer a request, and what of the rules was loosened. */
import type { ApprovalKind, ApprovalRules, ApprovalStatus } from '@skerry/contract/approvals/approval'

export type Waiting = { status: ApprovalStatus; expiresAtMs: number; hands: readonly string[] }

/** How it stands now: nobody closes a request whose time is over. */
export function statusAt({ status, expiresAtMs }: Omit<Waiting, 'hands'>, nowMs: number): ApprovalStatus {
  const isOpen = status === 'pending' || status === 'approved'
  return isOpen && expiresAtMs <= nowMs ? 'expired' : status
}

type Refusal = { ok: false; code: 'approval_closed' | 'approval_refused'; message: string }

/** Whether these hands may say yes: not those that asked, nor those that made what was asked for. */
export function judgeApprover(waiting: Waiting, personId: string, nowMs: number): { ok: true } | Refusal {
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
export function judgeOpen(waiting: Omit<Waiting, 'hands'>, nowMs: number): { ok: true } | Refusal {
  const status = statusAt(waiting, nowMs)
  if (status === 'pending' || status === 'approved') return { ok: true }
  return { ok: false, code: 'approval_closed', message: `the request is ${status}; make a new one` }
}

/** What was on, and is off now. */
export function loosened(before: ApprovalRules, after: ApprovalRules): ApprovalKind[] {
  const isOn = (rules: ApprovalRules, kind: ApprovalKind) => rules[kind] !== undefined && rules[kind] !== false
  // Another choice of production devices may be a smaller one: nobody can tell from the text, so it counts.
  const isOther = before.deployments !== undefined && before.deployments !== after.deployments
  return (['deployments', 'batches', 'roles', 'audit'] as const).filter((kind) =>
    kind === 'deployments' ? isOther : isOn(before, kind) && !isOn(after, kind),
  )
}
