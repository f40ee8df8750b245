/** Route store: routes as records. */
import type { Route, RouteSpec } from '@skerry/contract/routes/route'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { RouteTable } from '../store/tables/place-tables.ts'

type RoutePage = { organisationId: OrganisationId; limit: number; after?: string | undefined }

/** One page of routes, by name. */
export async function listRoutes(db: Db, { organisationId, limit, after }: RoutePage): Promise<Route[]> {
  const rows = await db
    .selectFrom('routes')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('name', '>', after ?? ''))
    .orderBy('name')
    .limit(limit)
    .execute()
  return rows.map(routeOf)
}

/** Undefined if there is none. */
export async function findRoute(db: Db, organisationId: OrganisationId, name: string): Promise<Route | undefined> {
  const row = await db
    .selectFrom('routes')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  return row && routeOf(row)
}

/** The number of routes that the organisation has. */
export async function countRoutes(db: Db, organisationId: OrganisationId): Promise<number> {
  const { routes } = await db
    .selectFrom('routes')
    .select(({ fn }) => fn.countAll<number>().as('routes'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirstOrThrow()
  return Number(routes)
}

export type NewRoute = { organisationId: OrganisationId; name: string; spec: RouteSpec; nowMs: number; by: string }

/** Inserts the route at revision 1, or replaces the given one. */
export async function saveRoute(tx: Tx, current: Route | undefined, route: NewRoute): Promise<void> {
  const { organisationId, name, spec, nowMs, by } = route
  const changed = {
    model: spec.model,
    spec: toJson(spec),
    revision: (current?.revision ?? 0) + 1,
    changed_at_ms: nowMs,
    changed_by: by,
  }
  await tx
    .insertInto('routes')
    .values({ organisation_id: organisationId, name, created_at_ms: nowMs, ...changed })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'name']).doUpdateSet(changed))
    .execute()
}

/** False if there was none. */
export async function deleteRoute(tx: Tx, organisationId: OrganisationId, name: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('routes')
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

const routeOf = ({ name, spec, revision, created_at_ms, changed_at_ms, changed_by }: RouteTable): Route => ({
  name,
  spec: fromJson(spec),
  revision,
  createdAtMs: Number(created_at_ms),
  changedAtMs: Number(changed_at_ms),
  changedBy: changed_by,
})
