/** Site states: how the devices of each site fare, counted from the devices that somebody may see. */
import type { Device } from '@skerry/contract/devices/device'
import type { Site, SiteState } from '@skerry/contract/sites/site'

/** A site without a device that is seen has none. */
export function siteStatesOf(sites: readonly Site[], devices: readonly Pick<Device, 'site' | 'health'>[]): SiteState[] {
  const counts = new Map<string, SiteState['devices']>(sites.map(({ name }) => [name, {}]))
  for (const { site, health } of devices) {
    const count = counts.get(site)
    if (count && health) count[health] = (count[health] ?? 0) + 1
  }
  return sites.map(({ name, kind, country, region, coordinates, clearance, labels }) => ({
    site: name,
    kind,
    country,
    region,
    coordinates,
    clearance,
    labels,
    devices: counts.get(name) ?? {},
  }))
}
