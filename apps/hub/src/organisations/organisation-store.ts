/** Organisation store: the organisations of the hub as its operators see them. The operators' own is not among them. */
import { OPERATORS, type Tenant } from '@skerry/contract/people/organisation'
import type { Hub } from '../hub.ts'
import type { Db } from '../store/store.ts'
import type { OrganisationTable } from '../store/tables/foundation-tables.ts'
import { type QuotaRow, quotaColumns, quotaOf, useOf } from './quota.ts'

export type TenantRow = OrganisationTable & QuotaRow & { has_owner: unknown }

const tenants = (db: Db, nowMs: number) =>
  quotaColumns(db)
    .select(({ exists, or, selectFrom }) =>
      or([
        exists(
          selectFrom('memberships')
            .select('memberships.user_id')
            .whereRef('memberships.organisation_id', '=', 'organisations.id')
            .where('memberships.role', '=', 'owner'),
        ),
        exists(
          selectFrom('keys')
            .select('keys.id')
            .whereRef('keys.organisation_id', '=', 'organisations.id')
            .where('keys.role', '=', 'owner')
            .where('keys.revoked_at_ms', 'is', null)
            .where((where) =>
              where.or([where('keys.expires_at_ms', 'is', null), where('keys.expires_at_ms', '>', nowMs)]),
            ),
        ),
      ]).as('has_owner'),
    )
    .where('organisations.name', '!=', OPERATORS)
    .where('organisations.purged_at_ms', 'is', null)

/** One page of organisations, by name. */
export const listTenants = (
  db: Db,
  { limit, after, nowMs }: { limit: number; after: string | undefined; nowMs: number },
): Promise<TenantRow[]> =>
  tenants(db, nowMs)
    .$if(after !== undefined, (select) => select.where('organisations.name', '>', after ?? ''))
    .orderBy('organisations.name')
    .limit(limit)
    .execute()

/** The organisation of the name. */
export const findTenant = (db: Db, name: string, nowMs: number): Promise<TenantRow | undefined> =>
  tenants(db, nowMs).where('organisations.name', '=', name).executeTakeFirst()

/** How many there are, with that of the operators. */
export async function countOrganisations(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('organisations')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('purged_at_ms', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

/** The organisation as the API shows it to operators. */
export const tenantOf = (row: TenantRow, requests: Hub['requestQuota']): Tenant => ({
  id: row.id,
  name: row.name,
  createdAtMs: row.created_at_ms,
  status: statusOf(row),
  ...(row.disabled_at_ms != null && { disabled: { atMs: row.disabled_at_ms, reason: row.disabled_reason ?? '' } }),
  // SQLite says 0 or 1.
  hasOwner: Boolean(row.has_owner),
  quota: quotaOf(row),
  use: useOf(row, requests),
})

/** Whether people and devices get in. */
export const statusOf = ({ disabled_at_ms, removed_at_ms }: TenantRow): Tenant['status'] => {
  if (removed_at_ms != null) return 'removing'
  return disabled_at_ms == null ? 'active' : 'disabled'
}
