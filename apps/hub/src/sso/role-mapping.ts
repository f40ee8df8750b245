/**
 * Role mapping: which roles the groups of a provider give. Where an organisation wants two people for roles, the mapping is the grant: whoever
 * writes it into the file of the hub is the first person, and until a second one has approved exactly this mapping it raises nobody and lets
 * nobody in. What it takes away counts at once.
 */
import { createHash } from 'node:crypto'
import { MAPPING_ACTION } from '@skerry/contract/approvals/approval'
import type { RoleName } from '@skerry/contract/people/role'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { mayGive } from '@skerry/core/people/access'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { findRules, insertApproval } from '../approvals/approval-store.ts'
import { appendAudit } from '../audit/audit-store.ts'
import type { OpenCall } from '../http/call.ts'
import { findGrant } from '../roles/role-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { ApprovalTable } from '../store/tables/access/approval-tables.ts'
import type { ProviderConfig } from './provider-file.ts'

type Mapping = Pick<ProviderConfig, 'issuer' | 'clientId' | 'groupsClaim' | 'roles'> & { roleOtherwise?: RoleName }

const mappingOf = ({ issuer, clientId, groupsClaim, roles, roleOtherwise }: ProviderConfig): Mapping => ({
  issuer,
  clientId,
  groupsClaim,
  roles,
  ...(roleOtherwise !== undefined && { roleOtherwise }),
})

const digestOf = (provider: string, mapping: Mapping): string =>
  createHash('sha256')
    .update(canonicalJson({ action: MAPPING_ACTION, provider, mapping }))
    .digest('hex')

/** Whether the mapping may give roles: where one person may give them, or a second one has approved this one. Else it asks for that. */
export async function isAgreedOrAsked(
  call: OpenCall,
  tx: Tx,
  organisationId: OrganisationId,
  config: ProviderConfig,
): Promise<boolean> {
  if (await isAgreed(tx, organisationId, config)) return true
  await ask(call, tx, organisationId, config)
  return false
}

async function isAgreed(db: Db, organisationId: OrganisationId, config: ProviderConfig): Promise<boolean> {
  if (!(await findRules(db, organisationId)).roles) return true
  const row = await db
    .selectFrom('agreed_mappings')
    .select('digest')
    .where('organisation_id', '=', organisationId)
    .where('provider', '=', config.id)
    .executeTakeFirst()
  return row?.digest === digestOf(config.id, mappingOf(config))
}

/** Whether the other role holds nothing that the one of now does not: then nobody is raised by it. */
export async function isLess(db: Db, organisationId: OrganisationId, other: RoleName, now: RoleName): Promise<boolean> {
  const less = await findGrant(db, organisationId, other)
  const more = await findGrant(db, organisationId, now)
  return less !== undefined && more !== undefined && mayGive({ name: now, grants: [more] }, less)
}

/** Puts the mapping down for a second person; once, until somebody has answered or its time is over. */
async function ask(
  { hub, source }: OpenCall,
  tx: Tx,
  organisationId: OrganisationId,
  config: ProviderConfig,
): Promise<void> {
  const atMs = hub.clock.nowMs()
  const mapping = mappingOf(config)
  const subject = digestOf(config.id, mapping)
  const known = await tx
    .selectFrom('approvals')
    .select('id')
    .where('organisation_id', '=', organisationId)
    .where('subject', '=', subject)
    .where('status', 'in', ['pending', 'denied'])
    .where('expires_at_ms', '>', atMs)
    .executeTakeFirst()
  if (known) return
  const { expiresInSeconds } = await findRules(tx, organisationId)
  const expiresAtMs = atMs + expiresInSeconds * 1_000
  const asked = { kind: 'provider' as const, id: config.id, name: config.label, atMs }
  const row: ApprovalTable = {
    id: hub.ids.approval(),
    organisation_id: organisationId,
    kind: 'roles',
    action: MAPPING_ACTION,
    subject,
    object: config.id,
    input: toJson({ provider: config.id, ...mapping }),
    hands: toJson([]),
    asked: toJson(asked),
    answered: null,
    reason: null,
    status: 'pending',
    created_at_ms: atMs,
    expires_at_ms: expiresAtMs,
  }
  await insertApproval(tx, row)
  await appendAudit(tx, {
    organisationId,
    atMs,
    action: 'approval.ask',
    source,
    result: 'ok',
    actor: { kind: 'hub', id: '', name: config.label },
    object: { kind: 'approval', id: row.id },
    detail: { action: row.action, object: row.object, kind: row.kind, expiresAtMs },
  })
}

/** The roles that an approval of a mapping gives: whoever approves it must be able to give each. */
export function mappedRoles(row: ApprovalTable): RoleName[] {
  const { roles = [], roleOtherwise } = fromJson(row.input) as Partial<Mapping>
  return [...new Set([...roles.map(({ role }) => role), ...(roleOtherwise === undefined ? [] : [roleOtherwise])])]
}

/** From now on it counts, in place of the one before. */
export async function agreeToMapping(tx: Tx, row: ApprovalTable, nowMs: number): Promise<void> {
  const columns = { digest: row.subject, approval_id: row.id, agreed_at_ms: nowMs }
  await tx
    .insertInto('agreed_mappings')
    .values({ organisation_id: row.organisation_id, provider: row.object, ...columns })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'provider']).doUpdateSet(columns))
    .execute()
}
