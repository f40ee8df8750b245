/** Tenant: an organisation as an operator names it, and what is written of what the operator does to it. */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { actorOf } from '@skerry/core/people/access'
import { appendAudit } from '../audit/audit-store.ts'
import type { KeyCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import type { Hub } from '../hub.ts'
import type { Db, Tx } from '../store/store.ts'
import { findTenant, type TenantRow } from './organisation-store.ts'

/** The organisation of the name, or throws. */
export async function tenantNamed({ clock }: Hub, db: Db, name: string): Promise<TenantRow> {
  const tenant = await findTenant(db, name, clock.nowMs())
  if (!tenant) throw problem('organisation_unknown')
  return tenant
}

type TenantRecord = { tenant: TenantRow; action: string; detail: AuditRecord['detail'] }

/** What operators do to an organisation stands in its own trail, too. */
export async function recordInTenant(
  tx: Tx,
  { hub, caller, source }: KeyCall,
  { tenant, action, detail }: TenantRecord,
) {
  await appendAudit(tx, {
    organisationId: tenant.id,
    atMs: hub.clock.nowMs(),
    actor: actorOf(caller),
    action,
    source,
    detail,
    object: { kind: 'organisation', id: tenant.id },
    result: 'ok',
  })
}
