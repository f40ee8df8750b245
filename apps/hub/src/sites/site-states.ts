/** Site states: how the devices of each site fare, in numbers. */

import type { SiteState } from '@skerry/contract/sites/site'
import type { OrganisationId, SiteId } from '@skerry/contract/values/ids'
import { healthByDevice } from '../devices/device-health.ts'
import type { Db } from '../store/store.ts'
import { listSites } from './site-store.ts'

type Wish = { organisationId: OrganisationId; limit: number; after: string | undefined; nowMs: number }

/** One page of sites, by name. */
export async function siteStates(db: Db, { nowMs, ...page }: Wish): Promise<SiteState[]> {
  const sites = await listSites(db, page)
  const devices = await devicesAt(
    db,
    page.organisationId,
    sites.map(({ id }) => id),
  )
  const health = await healthByDevice(db, page.organisationId, devices, nowMs)
  const counts = new Map<SiteId, SiteState['devices']>()
  for (const { id, site_id } of devices) {
    const ofSite = counts.get(site_id) ?? {}
    const word = health.get(id)
    if (word) counts.set(site_id, { ...ofSite, [word]: (ofSite[word] ?? 0) + 1 })
  }
  return sites.map(({ id, name, kind, country, region, coordinates, clearance, labels }) => ({
    site: name,
    kind,
    country,
    region,
    coordinates,
    clearance,
    labels,
    devices: counts.get(id) ?? {},
  }))
}

const devicesAt = (db: Db, organisationId: OrganisationId, siteIds: readonly SiteId[]) =>
  db
    .selectFrom('devices')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .select(['devices.id', 'devices.site_id', 'devices.status', 'devices.generation'])
    .select(['last_seen_at_ms', 'stale_at_ms', 'observed_generation', 'conditions'])
    .where('devices.organisation_id', '=', organisationId)
    .where('devices.site_id', 'in', siteIds)
    .execute()
