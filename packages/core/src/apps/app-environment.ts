/** App environment: the variables of a container, from the release and the configuration of the deployment. */
import type { Service } from '@skerry/contract/apps/app'
import type { AppConfig } from '@skerry/contract/apps/config-schema'

/** A setting of the deployment replaces the variable of the same name in the release. */
export function environmentOf(service: Pick<Service, 'environment'>, config: AppConfig = {}): Record<string, string> {
  const settings = Object.entries(config).map(([name, value]) => [name, String(value)])
  return { ...service.environment, ...Object.fromEntries(settings) }
}
