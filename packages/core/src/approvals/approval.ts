/** Approval: decides who may answer a request, and which approval rules a change loosens. */
import type { ApprovalRules, ApprovalStatus, RuleName } from '@skerry/contract/approvals/approval'

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

const RULE_NAMES: readonly RuleName[] = ['deployments', 'batches', 'roles', 'audit', 'access', 'moderated']

/** Whether the rule is switched on. */
export const isRuleOn = (rules: ApprovalRules, name: RuleName): boolean =>
  rules[name] !== undefined && rules[name] !== false

/**
 * The rules that were on before and are off now. Another selector may pick fewer devices. The text does not show that,
 * so it counts as loosened.
 */
export function loosened(before: ApprovalRules, after: ApprovalRules): RuleName[] {
  return RULE_NAMES.filter(
    (name) =>
      isRuleOn(before, name) &&
      (typeof before[name] === 'string' ? before[name] !== after[name] : !isRuleOn(after, name)),
  )
}
