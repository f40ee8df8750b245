/** Placed configs: the settings of a revision for each device of a batch, by its name and its site. */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { DeviceId } from '@skerry/contract/values/ids'
import { configFor, type DevicePlace } from '@skerry/core/deployments/placed-config'
import { canonicalJson } from '@skerry/core/values/canonical-json'
import { fromJson } from '../store/json-column.ts'
import { padded } from '../store/many-rows.ts'
import type { Db } from '../store/store.ts'
import type { DeploymentRevisionTable } from '../store/tables/deployment-tables.ts'

/** `key` is the same for devices with the same settings. */
type DeviceConfig = { key: string; settings: { config?: AppConfig } }

export type PlacedConfigs = { of(device: DeviceId, row: Pick<DeploymentRevisionTable, 'spec'>): Promise<DeviceConfig> }

/** Reads the places of the devices once, and only if a revision has settings of places. */
export function createPlacedConfigs(db: Db, ids: readonly DeviceId[]): PlacedConfigs {
  let places: Promise<ReadonlyMap<DeviceId, DevicePlace>> | undefined
  return {
    async of(device, { spec }) {
      const { config, configAt } = fromJson(spec)
      if (!configAt) return { key: '', settings: {} }
      places ??= placesOf(db, ids)
      const place = (await places).get(device)
      const own = place ? configFor({ config, configAt }, place) : config
      return own ? { key: canonicalJson(own), settings: { config: own } } : { key: '', settings: {} }
    },
  }
}

async function placesOf(db: Db, ids: readonly DeviceId[]): Promise<Map<DeviceId, DevicePlace>> {
  const rows = await db
    .selectFrom('devices')
    .innerJoin('sites', 'sites.id', 'devices.site_id')
    .select(['devices.id', 'devices.name', 'sites.name as site'])
    .where('devices.id', 'in', padded(ids))
    .execute()
  return new Map(rows.map(({ id, name, site }) => [id, { device: name, site }]))
}
