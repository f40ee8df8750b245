/** Deploy settings: the settings of an app that `skerry deploy` sets and takes away. */
import type { SkerryClient } from '@skerry/client/client'
import type { AppConfig } from '@skerry/contract/apps/config-schema'
import type { DeploymentSpec } from '@skerry/contract/deployments/deployment'
import { settingValue } from '@skerry/core/apps/app-config'
import { settingsSchema } from '../../kinds/kinds.ts'
import { list } from '../../program/command.ts'
import { wrongUsage } from '../../program/failure.ts'

export const settingOptions = {
  set: list('--set <name=value>', 'setting of an app; the others stay as they are', parseSetting),
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
  { set, unset }: { set: readonly Setting[]; unset: readonly string[] },
  signal: AbortSignal,
): Promise<DeploymentSpec> {
  if (set.length === 0 && unset.length === 0) return spec
  const detail = await client.model.getVersion({ name: spec.deployable, version: spec.version }, { signal })
  const { properties = {} } = settingsSchema(detail) ?? {}
  const given: AppConfig = {}
  for (const [name, text] of set) {
    const schema = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!schema) {
      const names = Object.keys(properties).join(', ') || 'none'
      throw wrongUsage(`${spec.deployable} has no setting ${name}`, `it has ${names}`)
    }
    const value = settingValue(schema, text)
    if (value === undefined) throw wrongUsage(`the setting ${name} takes a ${schema.type}, not ${text}`)
    given[name] = value
  }
  const { config: before, ...rest } = spec
  const kept = Object.entries(before ?? {}).filter(([name]) => !unset.includes(name))
  const config = { ...Object.fromEntries(kept), ...given }
  return Object.keys(config).length === 0 ? rest : { ...rest, config }
}
