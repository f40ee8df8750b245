/** The tables of approvals, and of mappings that a second person has approved. */
import type {
  Approval,
  ApprovalKind,
  ApprovalRules,
  ApprovalStatus,
  RuleName,
} from '@skerry/contract/approvals/approval'
import type { ApprovalId, OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../../json-column.ts'

export type ApprovalTable = {
  id: ApprovalId
  organisation_id: OrganisationId
  kind: ApprovalKind
  action: string
  object: string
  input: Json<Record<string, unknown>>
  /** SHA-256 of the action, the input and the people: a call with the same digest is the same request. */
  subject: string
  /** The people who may not approve it. */
  hands: Json<string[]>
  asked: Json<Approval['asked']>
  answered: Json<Approval['asked']> | null
  reason: string | null
  status: ApprovalStatus
  created_at_ms: number
  expires_at_ms: number
}

/**
 * The person who last loosened the rules, the time, and the affected kinds. It is kept until the rules are as strict as
 * before, or for a week.
 */
export type Loosening = { by: string; atMs: number; kinds: RuleName[] }

export type ApprovalRulesTable = {
  organisation_id: OrganisationId
  rules: Json<ApprovalRules>
  loosened: Json<Loosening> | null
}

/** The approved mapping from groups of a provider to roles. */
type AgreedMappingTable = {
  organisation_id: OrganisationId
  provider: string
  digest: string
  approval_id: ApprovalId
  agreed_at_ms: number
}

export type ApprovalTables = {
  approvals: ApprovalTable
  approval_rules: ApprovalRulesTable
  agreed_mappings: AgreedMappingTable
}
