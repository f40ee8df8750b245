/** Route facts: the devices that serve the models of routes, by their last reports. */
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { RouteSite, ServingFact } from '@skerry/core/routes/route-table'
import { deviceLinkOf, presentHubs } from '../devices/device-link-store.ts'
import type { Hub } from '../hub.ts'
import { fromJson } from '../store/json-column.ts'

/** Devices of all routes that one look reads. A table has fewer places than this. */
const FACTS_MAX = 20_000

/**
 * For each of these models the devices that serve it. A quarantined device is no place: a person does not trust it. The
 * cost depends on the devices that serve the models, and not on the fleet.
 */
export async function servingFacts(
  hub: Pick<Hub, 'store' | 'cluster' | 'clock'>,
  organisationId: OrganisationId,
  models: readonly string[],
): Promise<Map<string, ServingFact[]>> {
  if (models.length === 0) return new Map()
  const rows = await hub.store.db
    .selectFrom('device_items')
    .innerJoin('devices', 'devices.id', 'device_items.device_id')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .leftJoin('device_reports', 'device_reports.device_id', 'devices.id')
    .leftJoin('device_links', 'device_links.device_id', 'devices.id')
    .select(['device_items.name as model', 'device_items.serving_version', 'devices.id', 'devices.name as device'])
    .select(['sites.name as site', 'sites.kind', 'sites.country', 'sites.clearance'])
    .select([
      'device_reports.endpoints',
      'device_reports.inventory',
      'device_reports.last_seen_at_ms',
      'device_reports.stale_at_ms',
    ])
    .select(['device_links.hub_id as link_hub_id', 'device_links.connected_at_ms'])
    .select(['device_links.ended_at_ms as link_ended_at_ms', 'device_links.ended as link_ended'])
    .where('device_items.organisation_id', '=', organisationId)
    .where('device_items.name', 'in', [...new Set(models)])
    .where('device_items.serving_version', 'is not', null)
    .where('devices.status', '=', 'active')
    .orderBy('devices.name')
    .limit(FACTS_MAX)
    .execute()
  const hubs = await presentHubs(hub)
  const nowMs = hub.clock.nowMs()
  const facts = new Map<string, ServingFact[]>()
  for (const row of rows) {
    const { model, id, device, site, kind, country, clearance, serving_version: version, endpoints, inventory } = row
    if (version === null) continue
    const fact = {
      id,
      device,
      site: { name: site, kind, ...(country !== null && { country }), clearance },
      version,
      stated: inventory === null ? undefined : fromJson(inventory).stated,
      address: endpoints === null ? undefined : fromJson(endpoints).serve,
      // An open link that says nothing is as good as none.
      isSilent: !deviceLinkOf(row, hubs).connected || (row.stale_at_ms ?? 0) < nowMs,
    }
    facts.set(model, [...(facts.get(model) ?? []), fact])
  }
  return facts
}

/** The facts of a site that the rules need. */
export const routeSiteOf = ({ name, kind, country, clearance }: RouteSite): RouteSite => ({
  name,
  kind,
  country,
  clearance,
})
