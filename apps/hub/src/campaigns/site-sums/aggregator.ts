/** Aggregator: the device that adds the updates of a site. It is the first cache of the site that can be reached. */
import { isRefused } from '@skerry/core/devices/quarantine'
import { namedCaches } from '@skerry/core/settings/site-caches'
import { deviceLinkOf, presentHubs } from '../../devices/device-link-store.ts'
import { type DeviceRow, findDevice } from '../../devices/device-store.ts'
import type { Hub } from '../../hub.ts'
import { wantedSettings } from '../../settings/device-settings.ts'
import type { DeviceTable } from '../../store/tables/foundation-tables.ts'

export type Aggregator = { device: DeviceRow; address: string }

/** Undefined if the site has none now. A device of another site never adds the updates of this one. */
export async function aggregatorFor(hub: Hub, device: DeviceTable): Promise<Aggregator | undefined> {
  const { settings } = await wantedSettings(hub.store.db, device)
  const hubs = await presentHubs(hub)
  for (const { device: name, address } of namedCaches(settings.siteCaches)) {
    const found = await findDevice(hub.store.db, device.organisation_id, name)
    if (found && isTrusted(found) && found.site_id === device.site_id && deviceLinkOf(found, hubs).connected)
      return { device: found, address }
  }
  return undefined
}

const isTrusted = ({ status }: DeviceRow) => !isRefused(status) && status !== 'quarantined'
