/** Approval store: requests for approval and the rules, as records. */
import { type Approval, ApprovalRules, type ApprovalStatus } from '@skerry/contract/approvals/approval'
import type { ApprovalId, OrganisationId } from '@skerry/contract/values/ids'
import { statusAt } from '@skerry/core/approvals/approval'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ApprovalTable, Loosening } from '../store/tables/access/approval-tables.ts'

/** Nothing needs two people. */
const NO_RULES: ApprovalRules = ApprovalRules.parse({})

/** What needs two people. */
export async function findRules(db: Db, organisationId: OrganisationId): Promise<ApprovalRules> {
  const row = await db
    .selectFrom('approval_rules')
    .select('rules')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return row ? fromJson(row.rules) : NO_RULES
}

/** Who loosened the rules last. */
export async function findLoosening(db: Db, organisationId: OrganisationId): Promise<Loosening | undefined> {
  const row = await db
    .selectFrom('approval_rules')
    .select('loosened')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return row?.loosened ? fromJson(row.loosened) : undefined
}

/** Says anew what needs two people. */
export async function putRules(
  tx: Tx,
  organisationId: OrganisationId,
  { rules, loosening }: { rules: ApprovalRules; loosening: Loosening | undefined },
): Promise<void> {
  const columns = { rules: toJson(rules), loosened: loosening ? toJson(loosening) : null }
  await tx
    .insertInto('approval_rules')
    .values({ organisation_id: organisationId, ...columns })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet(columns))
    .execute()
}

export type ApprovalPage = {
  organisationId: OrganisationId
  limit: number
  after?: ApprovalId | undefined
  status?: ApprovalStatus | undefined
  nowMs: number
}

/** One page, newest first. */
export function listApprovals(
  db: Db,
  { organisationId, limit, after, status, nowMs }: ApprovalPage,
): Promise<ApprovalTable[]> {
  const isOpen = status === 'pending' || status === 'approved'
  return db
    .selectFrom('approvals')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(isOpen, (select) => select.where('status', '=', status ?? 'pending').where('expires_at_ms', '>', nowMs))
    .$if(status === 'used' || status === 'denied', (select) => select.where('status', '=', status ?? 'used'))
    .$if(status === 'expired', (select) =>
      select.where('status', 'in', ['pending', 'approved']).where('expires_at_ms', '<=', nowMs),
    )
    .$if(after !== undefined, (select) =>
      select.where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('created_at_ms', 'id'),
          '<',
          selectFrom('approvals as last')
            .select(['last.created_at_ms', 'last.id'])
            .where('last.organisation_id', '=', organisationId)
            .where('last.id', '=', after as ApprovalId)
            .$asTuple('created_at_ms', 'id'),
        ),
      ),
    )
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Undefined where the organisation has none. */
export const findApproval = (
  db: Db,
  organisationId: OrganisationId,
  id: ApprovalId,
): Promise<ApprovalTable | undefined> =>
  db
    .selectFrom('approvals')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', id)
    .executeTakeFirst()

/** The request of the same call that still counts. */
export const findOpen = (
  db: Db,
  { organisationId, subject, nowMs }: { organisationId: OrganisationId; subject: string; nowMs: number },
): Promise<ApprovalTable | undefined> =>
  db
    .selectFrom('approvals')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('subject', '=', subject)
    .where('status', 'in', ['pending', 'approved'])
    .where('expires_at_ms', '>', nowMs)
    .executeTakeFirst()

/** Half a year: who did what with whose consent stays in the audit trail for longer. */
const KEPT_MS = 180 * 86_400_000

/** Adds a request, and forgets old ones. */
export async function insertApproval(tx: Tx, row: ApprovalTable): Promise<void> {
  await tx.insertInto('approvals').values(row).execute()
  await tx
    .deleteFrom('approvals')
    .where('organisation_id', '=', row.organisation_id)
    .where('expires_at_ms', '<', row.created_at_ms - KEPT_MS)
    .execute()
}

/** How it stands from now on. */
export async function saveApproval(
  tx: Tx,
  { organisation_id, id }: ApprovalTable,
  columns: Partial<Pick<ApprovalTable, 'status' | 'answered' | 'reason' | 'expires_at_ms'>>,
): Promise<void> {
  await tx
    .updateTable('approvals')
    .set(columns)
    .where('organisation_id', '=', organisation_id)
    .where('id', '=', id)
    .execute()
}

/** The request as the API shows it. */
export const approvalOf = (row: ApprovalTable, nowMs: number): Approval => ({
  id: row.id,
  kind: row.kind,
  action: row.action,
  object: row.object,
  input: fromJson(row.input),
  status: statusAt({ status: row.status, expiresAtMs: row.expires_at_ms }, nowMs),
  asked: fromJson(row.asked),
  ...(row.answered !== null && { answered: fromJson(row.answered) }),
  ...(row.reason !== null && { reason: row.reason }),
  expiresAtMs: row.expires_at_ms,
})
