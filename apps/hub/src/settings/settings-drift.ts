/** Settings drift: the devices of a place that do not run with the settings that count on them. */
import { SETTINGS_NAMES_MAX, type SettingsDrift } from '@skerry/contract/settings/device-settings'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { unitedSettings } from '@skerry/core/settings/layered-settings'
import { ORGANISATION } from '../secrets/secret-store.ts'
import type { Db } from '../store/store.ts'
import { revisionOfSettings, stateOf } from './device-settings.ts'
import { type OwnedLayer, revisionsSaid } from './settings-store.ts'

export type PlacedDevice = { id: DeviceId; site_id: string; name: string }

/** Compares the newest report of each device with its target. */
export async function settingsDrift(
  db: Db,
  organisationId: OrganisationId,
  { devices, layers }: { devices: readonly PlacedDevice[]; layers: ReadonlyMap<string, OwnedLayer> },
): Promise<SettingsDrift> {
  const { revisions, overridden } = await revisionsSaid(db, organisationId)
  const wantedOf = wantedRevisions(layers)
  const isBehind = (device: PlacedDevice) =>
    stateOf({ revision: wantedOf(device) }, revisions.get(device.id)) === 'behind'
  return {
    behind: named(devices.filter(isBehind)),
    overridden: named(devices.filter(({ id }) => overridden.has(id))),
  }
}

/** Most devices of a site have no settings of their own, and share the revision of the site. */
function wantedRevisions(layers: ReadonlyMap<string, OwnedLayer>) {
  const known = new Map<string, ReturnType<typeof revisionOfSettings>>()
  return ({ id, site_id }: PlacedDevice) => {
    const key = layers.has(id) ? id : site_id
    if (!known.has(key)) {
      const about = [id, site_id, ORGANISATION].flatMap((owner) => layers.get(owner) ?? [])
      known.set(key, revisionOfSettings(unitedSettings(about)))
    }
    return known.get(key)
  }
}

const named = (devices: readonly PlacedDevice[]) => ({
  count: devices.length,
  names: devices.slice(0, SETTINGS_NAMES_MAX).map(({ name }) => name),
})
