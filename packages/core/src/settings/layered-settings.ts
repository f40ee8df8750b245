/** Layered settings: the settings that count on a device, out of those of its organisation, its site and itself. */
import {
  type DeviceSettings,
  FACT_VALUE_MAX,
  type FactFrom,
  type FactRule,
  type LockRule,
  PLAIN_SETTINGS,
  type SettingOrigin,
  type SettingsScope,
} from '@skerry/contract/settings/device-settings'
import type { NetworkConnection } from '@skerry/contract/settings/system-settings'

/** The settings of one place. */
export type Layer = { scope: SettingsScope; settings: DeviceSettings }

/** The united settings, and the place of each. */
export type UnitedSettings = { settings: DeviceSettings; origins: SettingOrigin[] }

const RANKS: Readonly<Record<string, number>> = { organisation: 0, site: 1, device: 2 }

const rankOf = ({ scope }: Layer): number => RANKS[scope.split(':')[0] ?? ''] ?? 0

/** Of each field, the value of the most specific place; facts and locks by name. Layers may come in any order. */
export function unitedSettings(layers: readonly Layer[]): UnitedSettings {
  const ordered = layers.toSorted((a, b) => rankOf(a) - rankOf(b))
  const origins: SettingOrigin[] = []
  let settings: DeviceSettings = {}
  for (const name of PLAIN_SETTINGS) {
    const layer = ordered.findLast((each) => each.settings[name] !== undefined)
    const value = layer?.settings[name]
    if (!layer || value === undefined) continue
    settings = { ...settings, [name]: value }
    origins.push({ setting: name, value: String(value), scope: layer.scope })
  }
  const facts = byName(ordered, ({ settings: { facts = [] } }) => facts)
  const locks = byName(ordered, ({ settings: { locks = [] } }) => locks)
  const network = byName(ordered, ({ settings: { network: connections = [] } }) => connections)
  const isNetworkSet = ordered.some((layer) => layer.settings.network !== undefined)
  return {
    settings: {
      ...settings,
      ...(facts.length > 0 && { facts: facts.map(({ rule }) => rule) }),
      ...(locks.length > 0 && { locks: locks.map(({ rule }) => rule) }),
      ...(isNetworkSet && { network: network.map(({ rule }) => rule) }),
    },
    origins: [
      ...origins,
      ...facts.map(({ rule, scope }) => ({ setting: `fact ${rule.name}`, value: factText(rule), scope })),
      ...locks.map(({ rule, scope }) => ({ setting: `lock ${rule.name}`, value: lockText(rule), scope })),
      ...network.map(({ rule, scope }) => ({ setting: `network ${rule.name}`, value: networkText(rule), scope })),
    ],
  }
}

type Placed<Rule> = { rule: Rule; scope: SettingsScope }

function byName<Rule extends { name: string }>(
  ordered: readonly Layer[],
  rulesOf: (layer: Layer) => readonly Rule[],
): Placed<Rule>[] {
  const best = new Map<string, Placed<Rule>>()
  for (const layer of ordered) for (const rule of rulesOf(layer)) best.set(rule.name, { rule, scope: layer.scope })
  return [...best.values()].toSorted((a, b) => (a.rule.name < b.rule.name ? -1 : 1))
}

function fromText(from: FactFrom): string {
  if ('file' in from) return from.key === undefined ? `file ${from.file}` : `${from.key} in the file ${from.file}`
  if ('environment' in from) return `variable ${from.environment}`
  if ('command' in from) return `command ${from.command}`
  return `tag ${from.tag} of ${from.source}`
}

const factText = ({ from, everySeconds }: FactRule) => `${fromText(from)}, every ${everySeconds} s`

function networkText({ kind, interface: device, ipv4 }: NetworkConnection): string {
  const addresses = ipv4?.addresses.join(', ') || `IPv4 ${ipv4?.method ?? 'auto'}`
  return [kind, device, addresses].filter(Boolean).join(', ')
}

const lockText = ({ fact, openWhen }: LockRule) => `installs only while ${fact} is ${openWhen.join(' or ')}`

/** The first line of the text, or the value of its first line `KEY=VALUE` or `KEY: VALUE`, without quotes. */
export function factIn(text: string, key: string | undefined): string | undefined {
  const lines = text.split('\n')
  const line = key === undefined ? lines[0] : lines.map((each) => valueIn(each, key)).find((each) => each !== undefined)
  const value = unquoted((line ?? '').trim()).slice(0, FACT_VALUE_MAX)
  return value === '' ? undefined : value
}

function valueIn(line: string, key: string): string | undefined {
  const sign = /^\s*[=:]/.exec(line.trimStart().slice(key.length))
  return line.trimStart().startsWith(key) && sign ? line.trimStart().slice(key.length + sign[0].length) : undefined
}

const unquoted = (text: string) => (/^(["']).*\1$/.test(text) && text.length > 1 ? text.slice(1, -1) : text)

/** Why a lock holds, or undefined if its fact has a value that allows installing. Without a value it holds. */
export function lockReason({ fact, openWhen }: LockRule, value: string | undefined): string | undefined {
  if (value !== undefined && openWhen.includes(value)) return undefined
  const found = value === undefined ? 'has no value' : `is ${value}`
  return `the fact ${fact} ${found}; installing waits for ${openWhen.join(' or ')}`
}
