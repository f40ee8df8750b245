/**
 * App environment: how the containers of an app get the settings of a deployment: as variables, and as a file. Hot
 * settings change while the containers run. The release declares each of them in its schema. The device keeps all
 * settings of such a release in a file, which it replaces in one step. A hot setting is no variable, because the
 * variables of a container cannot change.
 */
import type { Service } from '@skerry/contract/apps/app'
import type { AppConfig, ConfigSchema, SettingSchema } from '@skerry/contract/apps/config-schema'
import { canonicalJson } from '../values/canonical-json.ts'
import { configOf } from './app-config.ts'

/** The folder of the container with the file. A folder, because a mount of a file shows its first content for ever. */
export const SETTINGS_FOLDER = '/run/settings'
export const SETTINGS_FILE = 'settings.json'

/** Whether the setting changes without a restart of the containers. */
export const isHot = (setting: SettingSchema | undefined): boolean => setting?.['x-skerry-hot'] === true

export const hasHotSettings = (schema: ConfigSchema | undefined): boolean =>
  Object.values(schema?.properties ?? {}).some(isHot)

/** The values that only other containers can get. */
export const coldSettings = (schema: ConfigSchema | undefined, config: AppConfig): AppConfig =>
  Object.fromEntries(
    Object.entries(config).filter(
      ([name]) => !(Object.hasOwn(schema?.properties ?? {}, name) && isHot(schema?.properties[name])),
    ),
  )

/** The file with all settings, also the defaults of the schema. The same settings make the same text. */
export const settingsText = (schema: ConfigSchema | undefined, config: AppConfig): string =>
  `${canonicalJson(configOf(schema, config))}\n`

/** A setting of the deployment replaces the variable of the same name in the release. */
export function environmentOf(service: Pick<Service, 'environment'>, config: AppConfig = {}): Record<string, string> {
  const settings = Object.entries(config).map(([name, value]) => [name, String(value)])
  return { ...service.environment, ...Object.fromEntries(settings) }
}
