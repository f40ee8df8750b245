/** Approvals, and the rules of when two people are needed. */
import { approvalTag } from '@skerry/contract/values/entity-tag'
import { ApprovalId } from '@skerry/contract/values/ids'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { approvalHandlers } from './approval-handlers.ts'
import { findApproval } from './approval-store.ts'

const findApprovalTag: FindTag = async ({ db, organisationId, named }) => {
  const id = ApprovalId.safeParse(named('approval')).data
  const row = id && (await findApproval(db, organisationId, id))
  return row && approvalTag(row)
}

type Handlers = {
  approval: typeof approvalHandlers
}

const handlers: Handlers = { approval: approvalHandlers }

export const approvalNoun = {
  handlers,
  purge: [
    ['approvals', ['id']],
    ['approval_rules', ['organisation_id']],
  ],
  entityTags: { approval: findApprovalTag },
} satisfies Noun
