/** Handlers of the procedures on approvals. */
import { procedureMeta } from '@skerry/contract/api/procedure-meta'
import type { Approval, ApprovalRules } from '@skerry/contract/approvals/approval'
import { MAPPING_ACTION } from '@skerry/contract/approvals/approval'
import { ApprovalId, type OrganisationId } from '@skerry/contract/values/ids'
import { isRuleOn, judgeApprover, judgeOpen, loosened } from '@skerry/core/approvals/approval'
import { judgeAccess } from '@skerry/core/people/access'
import { compileScope } from '@skerry/core/people/scope'
import { compileSelector } from '@skerry/core/selectors/selector'
import { expandSelector } from '../groups/group-store.ts'
import type { KeyCall } from '../http/call.ts'
import { os } from '../http/implementer.ts'
import { pageFrom } from '../http/page.ts'
import { problem, throwProblem } from '../http/problem.ts'
import { requireMayGive } from '../roles/role-handlers.ts'
import { findGrant } from '../roles/role-store.ts'
import { agreeToMapping, mappedRoles } from '../sso/role-mapping.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ApprovalTable } from '../store/tables/access/approval-tables.ts'
import {
  approvalOf,
  findApproval,
  findLoosening,
  findRules,
  listApprovals,
  putRules,
  saveApproval,
} from './approval-store.ts'

export const approvalHandlers = {
  list: os.approval.list.handler(async ({ context, input: { limit, after, status } }) => {
    const { hub, organisationId } = context
    const nowMs = hub.clock.nowMs()
    // A text that is no id names no row. The page after it is the first page.
    const query = { organisationId, limit: limit + 1, after: ApprovalId.safeParse(after).data, status, nowMs }
    const rows = await listApprovals(hub.store.db, query)
    return pageFrom(
      rows.map((row) => viewOf(context, row, nowMs)),
      limit,
      ({ id }) => id,
    )
  }),
  show: os.approval.show.handler(async ({ context, input: { approval } }) =>
    viewOf(context, await knownApproval(context, context.hub.store.db, approval), context.hub.clock.nowMs()),
  ),
  approve: os.approval.approve.handler(({ context, input }) =>
    answer(context, input, 'approved', (row, nowMs) => {
      const verdict = judgeAnswer(context, row, nowMs)
      if (!verdict.ok) throwProblem(verdict)
    }),
  ),
  deny: os.approval.deny.handler(({ context, input }) =>
    answer(context, input, 'denied', (row, nowMs) => {
      const verdict = judgeOpen(waitingOf(row), nowMs)
      if (!verdict.ok) throwProblem(verdict)
    }),
  ),
  rules: os.approval.rules.handler(({ context: { hub, organisationId } }) => findRules(hub.store.db, organisationId)),
  setRules: os.approval.setRules.handler(({ context, input }) =>
    context.change(async (tx, note) => {
      const { hub, organisationId, caller } = context
      const before = await findRules(tx, organisationId)
      const rules = rulesAfter(before, input)
      await judgeSelectors(tx, organisationId, rules)
      const kinds = loosened(before, rules)
      const old = await findLoosening(tx, organisationId)
      // A rule that is on again no longer counts as loosened.
      const still = (old?.kinds ?? []).filter((kind) => !isRuleOn(rules, kind))
      const loosening =
        kinds.length > 0
          ? { by: caller.name, atMs: hub.clock.nowMs(), kinds: [...new Set([...kinds, ...still])] }
          : old && still.length > 0
            ? { ...old, kinds: still }
            : undefined
      await putRules(tx, organisationId, { rules, loosening })
      note.object = { kind: 'organisation', id: organisationId }
      note.detail = { from: before, to: rules, ...(kinds.length > 0 && { switchedOff: kinds }) }
      return rules
    }),
  ),
}

async function judgeSelectors(tx: Tx, organisationId: OrganisationId, rules: ApprovalRules): Promise<void> {
  if (typeof rules.deployments === 'string') {
    const compiled = compileSelector(await expandSelector(tx, organisationId, rules.deployments))
    if (!compiled.ok) throwProblem(compiled)
  }
  // The rule reads a scope, without facts: a person with a terminal of a device could change its facts, and so the rule.
  if (typeof rules.moderated === 'string') {
    const compiled = compileScope(await expandSelector(tx, organisationId, rules.moderated))
    if (!compiled.ok) throwProblem(compiled)
  }
}

/** A rule that the program of the caller does not know stays as it is. */
function rulesAfter(before: ApprovalRules, { moderated: wished, ...input }: ApprovalRules): ApprovalRules {
  const access = input.access ?? before.access
  const moderated = wished ?? before.moderated
  return {
    ...input,
    ...(access !== undefined && { access }),
    ...(typeof moderated === 'string' && { moderated }),
  }
}

async function knownApproval({ organisationId }: KeyCall, db: Db, id: ApprovalId): Promise<ApprovalTable> {
  const row = await findApproval(db, organisationId, id)
  if (!row) throw problem('approval_unknown')
  return row
}

const waitingOf = (row: ApprovalTable) => ({
  status: row.status,
  expiresAtMs: row.expires_at_ms,
  hands: fromJson(row.hands),
})

/**
 * Whether the caller may approve. A person who approves a role for somebody could grant the role to themselves. So the
 * approver needs the permission to grant it.
 */
function judgeAnswer({ caller }: KeyCall, row: ApprovalTable, nowMs: number) {
  const verdict = judgeApprover(waitingOf(row), caller.personId, nowMs)
  const permission = row.kind === 'roles' ? givingPermission(row) : undefined
  if (!verdict.ok || permission === undefined || permission === 'public') return verdict
  if (judgeAccess(caller, permission).ok) return verdict
  return {
    ok: false,
    code: 'approval_refused',
    message: `to approve this, you also need the permission ${permission}`,
  } as const
}

/** The permission to grant the role directly, without a request. */
const givingPermission = ({ action }: ApprovalTable) =>
  action === MAPPING_ACTION ? 'user.write' : procedureMeta(action)?.access

/** The request as the API shows it to the caller. While it is pending, it includes why the caller cannot approve it. */
function viewOf(call: KeyCall, row: ApprovalTable, nowMs: number): Approval {
  const shown = approvalOf(row, nowMs)
  if (shown.status !== 'pending') return shown
  const access = judgeAccess(call.caller, 'approval.write')
  const verdict = access.ok ? judgeAnswer(call, row, nowMs) : access
  return verdict.ok ? shown : { ...shown, refusal: verdict.message }
}

type Answer = { approval: ApprovalId; reason: string }

function answer(
  call: KeyCall,
  { approval, reason }: Answer,
  status: 'approved' | 'denied',
  judge: (row: ApprovalTable, nowMs: number) => void,
): Promise<Approval> {
  const { hub, caller } = call
  return call.change(async (tx, note) => {
    const nowMs = hub.clock.nowMs()
    const row = await knownApproval(call, tx, approval)
    note.detail = { reason, action: row.action, object: row.object, askedBy: fromJson(row.asked).name }
    judge(row, nowMs)
    const answered = toJson({ kind: caller.kind, id: caller.id, name: caller.name, atMs: nowMs })
    // An approved mapping is applied at once: the requester does not repeat the call.
    const isMapping = row.action === MAPPING_ACTION && status === 'approved'
    if (isMapping) {
      // A role that does not exist grants nothing. Its creation needs two people as well.
      for (const role of mappedRoles(row)) {
        if (await findGrant(tx, call.organisationId, role)) await requireMayGive(tx, call, role)
      }
      await agreeToMapping(tx, row, nowMs)
    }
    await saveApproval(tx, row, { status: isMapping ? 'used' : status, answered, reason })
    return viewOf(call, await knownApproval(call, tx, approval), nowMs)
  })
}
