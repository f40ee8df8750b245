/** Site store: sites as records. */

import type { Site, SiteSpec } from '@skerry/contract/sites/site'
import type { OrganisationId, SiteId } from '@skerry/contract/values/ids'
import { endRecords } from '../ledger/ended-store.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SiteTable } from '../store/tables/foundation-tables.ts'

type SiteRow = SiteTable & { device_count: number | null }

const sites = (db: Db, organisationId: OrganisationId) =>
  db
    .selectFrom('sites')
    .selectAll('sites')
    .select((select) =>
      select
        .selectFrom('devices')
        .whereRef('devices.site_id', '=', 'sites.id')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .as('device_count'),
    )
    .where('sites.organisation_id', '=', organisationId)

/** One page of sites, by name. */
export async function listSites(
  db: Db,
  { organisationId, limit, after }: { organisationId: OrganisationId; limit: number; after: string | undefined },
): Promise<Site[]> {
  const rows = await sites(db, organisationId)
    .$if(after !== undefined, (select) => select.where('sites.name', '>', after ?? ''))
    .orderBy('sites.name')
    .limit(limit)
    .execute()
  return rows.map(siteOf)
}

/** The site of the name; undefined when there is none. */
export async function findSite(db: Db, organisationId: OrganisationId, name: string): Promise<Site | undefined> {
  const row = await sites(db, organisationId).where('sites.name', '=', name).executeTakeFirst()
  return row && siteOf(row)
}

export type NewSite = { id: SiteId; organisationId: OrganisationId; nowMs: number }

/** Adds a site, at revision 1. */
export async function insertSite(tx: Tx, spec: SiteSpec, { id, organisationId, nowMs }: NewSite): Promise<void> {
  const row = { ...columnsOf(spec), id, organisation_id: organisationId, revision: 1, created_at_ms: nowMs }
  await tx.insertInto('sites').values(row).execute()
}

/** Replaces what the site is, and counts its revision up. */
export async function updateSite(tx: Tx, site: Site, spec: SiteSpec): Promise<void> {
  await tx
    .updateTable('sites')
    .set({ ...columnsOf(spec), revision: site.revision + 1 })
    .where('id', '=', site.id)
    .execute()
}

/** Removes a site that has no devices, with its join tokens. */
export async function deleteSite(tx: Tx, id: SiteId): Promise<void> {
  await endRecords(tx, tx.selectFrom('join_tokens').select('id').where('site_id', '=', id))
  await tx.deleteFrom('join_tokens').where('site_id', '=', id).execute()
  await tx.deleteFrom('sites').where('id', '=', id).execute()
}

const columnsOf = (spec: SiteSpec) => ({
  name: spec.name,
  kind: spec.kind,
  country: spec.country ?? null,
  region: spec.region ?? null,
  latitude: spec.coordinates?.latitude ?? null,
  longitude: spec.coordinates?.longitude ?? null,
  clearance: spec.clearance,
  labels: toJson(spec.labels),
})

function siteOf(row: SiteRow): Site {
  const { latitude, longitude } = row
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    ...(row.country === null ? {} : { country: row.country }),
    ...(row.region === null ? {} : { region: row.region }),
    ...(latitude === null || longitude === null ? {} : { coordinates: { latitude, longitude } }),
    clearance: row.clearance,
    labels: fromJson(row.labels),
    revision: row.revision,
    deviceCount: row.device_count ?? 0,
    createdAtMs: row.created_at_ms,
  }
}
