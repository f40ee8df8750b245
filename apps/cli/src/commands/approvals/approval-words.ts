/** Approval words: the arguments and texts that the approval commands share. */
import type { Approval, ApprovalRules } from '@skerry/contract/approvals/approval'
import { ApprovalId } from '@skerry/contract/values/ids'
import { fits, required } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

export const APPROVAL = required('<approval>', 'id of the request, from "skerry approval ls"', fits(ApprovalId))

/** The request for people to read. */
export const approvalText = (style: Style, approval: Approval): string =>
  factsOf(style, [
    ['id', approval.id],
    ['what', `${approval.action} ${approval.object}`],
    ['status', approval.status],
    ['asked by', `${approval.asked.name}, ${instantText(approval.asked.atMs)}`],
    ['answered by', approval.answered && `${approval.answered.name}, ${instantText(approval.answered.atMs)}`],
    ['reason', approval.reason],
    ['expires', instantText(approval.expiresAtMs)],
    ['you', approval.refusal && `cannot approve it: ${approval.refusal}`],
    ['input', JSON.stringify(approval.input)],
  ])

/** The rules for people to read. */
export const rulesText = (
  style: Style,
  { deployments, batches, roles, audit, access, moderated, expiresInSeconds }: ApprovalRules,
): string =>
  factsOf(style, [
    ['deployments', deployments === undefined ? 'one person' : `two people, for devices of ${deployments}`],
    ['batches', batches ? 'two people' : 'one person'],
    ['roles', roles ? 'two people' : 'one person'],
    ['audit log', audit ? 'two people' : 'one person'],
    ['remote access', access ? 'two people' : 'one person'],
    ['terminals', moderated ? `a moderator, for devices of ${moderated}` : 'no moderator'],
    ['requests are valid for', `${expiresInSeconds} s`],
  ])
