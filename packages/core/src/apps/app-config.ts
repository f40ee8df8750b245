/** App config: the settings of a deployment, checked by the schema that its release brings. */
import type { AppConfig, ConfigSchema, SettingFormat, SettingSchema } from '@skerry/contract/apps/config-schema'
import { TagName } from '@skerry/contract/sources/tag'
import { Name } from '@skerry/contract/values/names'

export type ConfigProblem = { setting: string; message: string }

type Value = AppConfig[string]

/** All problems of the values. A release without a schema has no settings. */
export function configProblems(schema: ConfigSchema | undefined, config: AppConfig): ConfigProblem[] {
  const { properties = {}, required = [] } = schema ?? {}
  const missing = required
    .filter((setting) => !Object.hasOwn(config, setting) && defaultOf(properties, setting) === undefined)
    .map((setting) => ({ setting, message: 'is missing; give it a value' }))
  const wrong = Object.entries(config).flatMap(([setting, value]) => {
    const known = Object.hasOwn(properties, setting) ? properties[setting] : undefined
    const message = known ? valueProblem(known, value) : `is no setting of the app; it has ${listed(properties)}`
    return message === undefined ? [] : [{ setting, message }]
  })
  return [...missing, ...wrong]
}

/** Combines the values of the deployment with the defaults of the schema. */
export function configOf(schema: ConfigSchema | undefined, config: AppConfig): AppConfig {
  const { properties = {} } = schema ?? {}
  const defaults = Object.keys(properties).flatMap((setting) => {
    const value = defaultOf(properties, setting)
    return value === undefined ? [] : [[setting, value] as const]
  })
  return { ...Object.fromEntries(defaults), ...config }
}

/** The problems of the schema itself: a default or a required setting that does not fit it. */
export function schemaProblems({ properties, required = [] }: ConfigSchema): ConfigProblem[] {
  const defaults = Object.entries(properties).flatMap(([setting, schema]) => {
    const message = schema.default === undefined ? undefined : valueProblem(schema, schema.default)
    return message === undefined ? [] : [{ setting, message: `its default ${message}` }]
  })
  const unknown = required
    .filter((setting) => !Object.hasOwn(properties, setting))
    .map((setting) => ({ setting, message: 'is required, but no property has this name' }))
  return [...defaults, ...unknown]
}

/** Text of a form or a command line, as a value of the setting. Undefined if it is none. */
export function settingValue({ type }: SettingSchema, text: string): Value | undefined {
  if (type === 'string') return text
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  const number = text.trim() === '' ? Number.NaN : Number(text)
  return Number.isFinite(number) ? number : undefined
}

const defaultOf = (properties: ConfigSchema['properties'], setting: string) =>
  Object.hasOwn(properties, setting) ? properties[setting]?.default : undefined

const listed = (properties: ConfigSchema['properties']) => Object.keys(properties).join(', ') || 'none'

function valueProblem(schema: SettingSchema, value: Value): string | undefined {
  switch (schema.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false'
    case 'string':
      return typeof value === 'string' ? textProblem(schema, value) : 'must be a text'
    case 'integer':
    case 'number':
      return typeof value === 'number' ? numberProblem(schema, value) : 'must be a number'
  }
}

type Of<Type> = Extract<SettingSchema, { type: Type }>

/** A form offers the things that exist. The hub compares them when it plans. */
const FORMATS: Readonly<Record<SettingFormat, { fits: (text: string) => boolean; message: string }>> = {
  tag: { fits: isTag, message: 'must be a tag, such as hall-meter/power' },
  'writable-tag': { fits: isTag, message: 'must be a tag, such as hall-plc/lamp' },
  sink: { fits: (text) => Name.safeParse(text).success, message: 'must be the name of a sink' },
}

function isTag(text: string): boolean {
  const [source, tag, more] = text.split('/')
  return more === undefined && Name.safeParse(source).success && TagName.safeParse(tag).success
}

function textProblem(schema: Of<'string'>, value: string): string | undefined {
  const { enum: choices, minLength = 0, maxLength, format } = schema
  if (choices && !choices.includes(value)) return `must be ${choices.join(' or ')}`
  if (format && !FORMATS[format].fits(value)) return FORMATS[format].message
  if (value.length < minLength) return `must have at least ${minLength} characters`
  if (maxLength !== undefined && value.length > maxLength) return `must have at most ${maxLength} characters`
  return value.includes('\0') ? 'must not have a zero byte' : undefined
}

type NumberSchema = Exclude<SettingSchema, { type: 'string' | 'boolean' }>

function numberProblem({ type, enum: choices, minimum, maximum }: NumberSchema, value: number): string | undefined {
  if (type === 'integer' && !Number.isSafeInteger(value)) return 'must be a whole number'
  if (choices && !choices.includes(value)) return `must be ${choices.join(' or ')}`
  if (minimum !== undefined && value < minimum) return `must be at least ${minimum}`
  return maximum !== undefined && value > maximum ? `must be at most ${maximum}` : undefined
}
