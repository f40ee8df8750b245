/**
 * Listing settings: the settings of a listing for one installation. A setting that names a tag or a sink has the sample
 * of the listing as its default: `default: "{{ name.meter }}/power"`.
 */
import type { AppConfig, ConfigSchema } from '@skerry/contract/apps/config-schema'
import type { ConnectionItem, Listing } from '@skerry/contract/market/listing'
import { configOf } from '../apps/app-config.ts'
import { fillValue, placeholdersIn, type Values } from './fill-template.ts'

type Named = Pick<Listing, 'settings' | 'connections' | 'versions'>

/** The name of an item on the hub. */
export const objectName = (installation: string, item: string): string => `${installation}-${item}`

/** The schema with the names of this installation in its defaults. */
export function settingsFor(listing: Named, installation: string): ConfigSchema | undefined {
  const { settings } = listing
  if (!settings) return undefined
  const names = itemNames(listing, installation)
  const properties = Object.entries(settings.properties).map(([name, setting]) => {
    if (setting.type !== 'string' || !setting.format || setting.default === undefined) return [name, setting]
    return [name, { ...setting, default: filledText(setting.default, names) }]
  })
  return { ...settings, properties: Object.fromEntries(properties) }
}

/**
 * The values for the placeholders of a listing: the settings with their defaults, `name.ITEM` for the name of each item,
 * and `SETTING.source` with `SETTING.tag` for the parts of a tag.
 */
export function valuesOf(listing: Named, { name, settings }: { name: string; settings: AppConfig }): Values {
  const schema = settingsFor(listing, name)
  const config = configOf(schema, settings)
  return { ...tagParts(schema, config), ...config, ...itemNames(listing, name) }
}

/** The placeholders that have a value in each installation. */
export function placeholderNames({
  settings,
  items,
}: {
  settings: ConfigSchema | undefined
  items: readonly string[]
}) {
  const properties = Object.entries(settings?.properties ?? {})
  const parts = properties.flatMap(([name, setting]) =>
    setting.type === 'string' && namesTag(setting.format) ? [`${name}.source`, `${name}.tag`] : [],
  )
  return new Set([...properties.map(([name]) => name), ...parts, ...items.map((item) => `name.${item}`)])
}

/** Whether the person named other equipment in all settings for which the item is the sample. */
export function isUnusedSample({ item, sampleFor }: ConnectionItem, values: Values, installation: string): boolean {
  if (!sampleFor) return false
  const own = objectName(installation, item)
  return sampleFor.every((setting) => {
    const value = values[setting]
    return typeof value === 'string' && value !== own && !value.startsWith(`${own}/`)
  })
}

function itemNames({ connections, versions }: Named, installation: string): Record<string, string> {
  const items = [...connections, ...versions].map(({ item }) => item)
  return Object.fromEntries(items.map((item) => [`name.${item}`, objectName(installation, item)]))
}

function filledText(text: string, names: Values): string {
  if (placeholdersIn(text).length === 0) return text
  const filled = fillValue(text, names)
  return filled.ok ? String(filled.document) : text
}

function tagParts(schema: ConfigSchema | undefined, config: AppConfig): Record<string, string> {
  const parts: Record<string, string> = {}
  for (const [name, setting] of Object.entries(schema?.properties ?? {})) {
    const value = config[name]
    if (setting.type !== 'string' || !namesTag(setting.format) || typeof value !== 'string') continue
    const [source = '', tag = ''] = value.split('/')
    parts[`${name}.source`] = source
    parts[`${name}.tag`] = tag
  }
  return parts
}

const namesTag = (format: string | undefined) => format === 'tag' || format === 'writable-tag'

/** A source or sink of the organisation, which a setting names. `tag` has to exist, and to be writable for a `write`. */
export type NamedEquipment = {
  setting: string
  connection: 'source' | 'sink'
  name: string
  tag?: string
  isWritten?: true
}

/** The equipment that is not the listing's own. */
export function namedEquipment(listing: Named, choices: { name: string; settings: AppConfig }): NamedEquipment[] {
  const schema = settingsFor(listing, choices.name)
  const config = configOf(schema, choices.settings)
  const own = new Set(listing.connections.map(({ item }) => objectName(choices.name, item)))
  return Object.entries(schema?.properties ?? {}).flatMap(([setting, properties]): NamedEquipment[] => {
    const value = config[setting]
    if (properties.type !== 'string' || !properties.format || typeof value !== 'string') return []
    const [name = '', tag] = value.split('/')
    if (own.has(name)) return []
    if (!namesTag(properties.format) || tag === undefined) return [{ setting, connection: 'sink', name }]
    const written = properties.format === 'writable-tag' && { isWritten: true as const }
    return [{ setting, connection: 'source', name, tag, ...written }]
  })
}
