/**
 * Placed config: the settings of a deployment that differ by place. The most specific place counts for each setting: the
 * device, then its site, then the deployment.
 */
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'

type Configured = Pick<DeploymentSpec, 'config' | 'configAt'>

/** The names of a device and its site. */
export type DevicePlace = { device: string; site: string }

/** The settings for a device; undefined if it has none. */
export function configFor({ config, configAt = [] }: Configured, { device, site }: DevicePlace): AppConfig | undefined {
  const at = (place: string) => configAt.find((one) => one.place === place)?.config
  const [ofSite, ofDevice] = [at(`site:${site}`), at(`device:${device}`)]
  return ofSite || ofDevice ? { ...config, ...ofSite, ...ofDevice } : config
}

/** The settings of each place on its own, as they are checked. A device may add to those of its site. */
export const placedConfigs = ({ config, configAt = [] }: Configured): { place: string; config: AppConfig }[] =>
  configAt.map(({ place, config: own }) => ({ place, config: { ...config, ...own } }))

/** The place with other values; without any value it is left out. */
export function withPlace(
  configAt: DeploymentSpec['configAt'],
  place: string,
  config: AppConfig,
): DeploymentSpec['configAt'] {
  const others = (configAt ?? []).filter((one) => one.place !== place)
  const all = Object.keys(config).length === 0 ? others : [...others, { place, config }]
  return all.length === 0 ? undefined : all.toSorted((a, b) => (a.place < b.place ? -1 : 1))
}
