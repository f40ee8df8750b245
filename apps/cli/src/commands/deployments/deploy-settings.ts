/** Deploy settings: the settings of an app that `skerry deploy` sets and takes away. */
import type { SkerryClient } from '@skerry/client/client'
import { type AppConfig, type ConfigSchema, PlacedConfig } from '@skerry/contract/apps/config-schema'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { settingValue } from '@skerry/core/apps/app-config'
import { withPlace } from '@skerry/core/deployments/placed-config'
import { settingsSchema } from '../../kinds/kinds.ts'
import { fits, list } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'

export const settingOptions = {
  set: list('--set <name=value>', 'setting of an app; the others stay as they are', parseSetting),
  setAt: list(
    '--set-at <place/name=value>',
    'setting of an app that differs at a place, such as site:hamburg/LIMIT=5 or device:press-1/LIMIT=7',
    parsePlacedSetting,
  ),
  unsetAt: list('--unset-at <place/name>', 'setting of a place that becomes that of the deployment', parsePlacedName),
  unset: list('--unset <name>', 'setting of an app that gets its default again', String),
}

export type Setting = readonly [name: string, text: string]

/** Parses `NAME=VALUE`. The type of the value is known later. */
export function parseSetting(text: string): Setting {
  const at = text.indexOf('=')
  if (at < 1) throw new Error('must be NAME=VALUE')
  return [text.slice(0, at), text.slice(at + 1)]
}

/** The spec with its settings. The schema of the version gives the type of each value; the hub checks the rest. */
export async function withSettings(
  client: SkerryClient,
  spec: DeploymentSpec,
  { set, unset, setAt = [], unsetAt = [] }: SettingInput,
  signal: AbortSignal,
): Promise<DeploymentSpec> {
  if ([set, unset, setAt, unsetAt].every((all) => all.length === 0)) return spec
  const detail = await client.model.getVersion({ name: spec.deployable, version: spec.version }, { signal })
  const schema = settingsSchema(detail)
  const given = givenSettings(spec.deployable, schema, set)
  const { config: before, configAt: placed, ...others } = spec
  const configAt = placedSettings(placed, { setAt, unsetAt }, (settings) =>
    givenSettings(spec.deployable, schema, settings),
  )
  const rest = { ...others, ...(configAt && { configAt }) }
  const kept = Object.entries(before ?? {}).filter(([name]) => !unset.includes(name))
  const config = { ...Object.fromEntries(kept), ...given }
  return Object.keys(config).length === 0 ? rest : { ...rest, config }
}

type PlacedSetting = readonly [place: string, setting: Setting]

type SettingInput = {
  set: readonly Setting[]
  unset: readonly string[]
  setAt?: readonly PlacedSetting[]
  unsetAt?: readonly (readonly [place: string, name: string])[]
}

function parsePlacedName(text: string): readonly [string, string] {
  const [, place, name] = /^((?:site|device):[^/]+)\/([^=]+)$/.exec(text) ?? []
  if (place === undefined || name === undefined) throw new Error('must be site:NAME/SETTING or device:NAME/SETTING')
  return [fits(PlacedConfig.shape.place)(place), name]
}

/** Parses `PLACE/NAME=VALUE`. */
function parsePlacedSetting(text: string): PlacedSetting {
  const [name, value] = parseSetting(text)
  const [place, setting] = parsePlacedName(name)
  return [place, [setting, value]]
}

/** The settings of all places, with those that the person sets and takes away. */
function placedSettings(
  before: DeploymentSpec['configAt'],
  { setAt, unsetAt }: Required<Pick<SettingInput, 'setAt' | 'unsetAt'>>,
  typed: (settings: readonly Setting[]) => AppConfig,
): DeploymentSpec['configAt'] {
  let all = before
  for (const place of new Set([...setAt, ...unsetAt].map(([at]) => at))) {
    const own = all?.find((one) => one.place === place)?.config ?? {}
    const gone = unsetAt.filter(([at]) => at === place).map(([, name]) => name)
    const kept = Object.entries(own).filter(([name]) => !gone.includes(name))
    const given = typed(setAt.filter(([at]) => at === place).map(([, setting]) => setting))
    all = withPlace(all, place, { ...Object.fromEntries(kept), ...given })
  }
  return all
}

/** The values in the types of the schema. */
export function givenSettings(app: string, schema: ConfigSchema | undefined, set: readonly Setting[]): AppConfig {
  const { properties = {} } = schema ?? {}
  const given: AppConfig = {}
  for (const [name, text] of set) {
    const setting = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!setting) {
      const names = Object.keys(properties).join(', ') || 'none'
      throw wrongUsage(`${app} has no setting ${name}`, `it has ${names}`)
    }
    const value = settingValue(setting, text)
    if (value === undefined) throw wrongUsage(`the setting ${name} takes a ${setting.type}, not ${text}`)
    given[name] = value
  }
  return given
}
