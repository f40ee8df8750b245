/** Procedures on approvals: the inbox of what waits for a second person, and which rules there are. */
import * as z from 'zod'
import { Approval, ApprovalAnswer, ApprovalRules, ApprovalStatus } from '../../approvals/approval.ts'
import { ApprovalId } from '../../values/ids.ts'
import { Page, pageOf } from '../../values/names.ts'
import { procedure } from '../procedure.ts'

const answerErrors = ['approval_unknown', 'approval_closed', 'approval_refused'] as const

export const approvalProcedures = {
  list: procedure({
    method: 'GET',
    path: '/v1/approvals',
    access: 'approval.read',
    scope: 'none',
    approval: 'none',
    summary: 'List requests for approval, newest first',
    errors: [],
  })
    .input(z.strictObject({ ...Page, status: ApprovalStatus.optional() }))
    .output(pageOf(Approval)),
  show: procedure({
    method: 'GET',
    path: '/v1/approvals/{approval}',
    access: 'approval.read',
    scope: 'none',
    approval: 'none',
    entity: 'approval',
    summary: 'Show a request for approval',
    errors: ['approval_unknown'],
  })
    .input(z.strictObject({ approval: ApprovalId }))
    .output(Approval),
  approve: procedure({
    method: 'POST',
    path: '/v1/approvals/{approval}/approve',
    access: 'approval.write',
    scope: 'none',
    approval: 'none',
    entity: 'approval',
    summary: 'Approve the request of another person; the same call then works once',
    errors: answerErrors,
  })
    .input(ApprovalAnswer)
    .output(Approval),
  deny: procedure({
    method: 'POST',
    path: '/v1/approvals/{approval}/deny',
    access: 'approval.write',
    scope: 'none',
    approval: 'none',
    entity: 'approval',
    summary: 'Deny a request, or withdraw your own',
    errors: ['approval_unknown', 'approval_closed'],
  })
    .input(ApprovalAnswer)
    .output(Approval),
  rules: procedure({
    method: 'GET',
    path: '/v1/approval-rules',
    access: 'organisation.read',
    scope: 'none',
    approval: 'none',
    summary: 'Show the rules for actions that need two people',
    errors: [],
  })
    .input(z.strictObject({}))
    .output(ApprovalRules),
  setRules: procedure({
    method: 'PUT',
    path: '/v1/approval-rules',
    access: 'organisation.write',
    scope: 'none',
    approval: 'none',
    summary: 'Set the rules for actions that need two people; a rule that is switched off raises an alert',
    errors: ['selector_invalid'],
  })
    .input(ApprovalRules)
    .output(ApprovalRules),
}
