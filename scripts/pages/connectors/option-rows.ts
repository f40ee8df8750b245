/** Option rows: the fields of a schema as rows of a table, with their values, limits, defaults and help. */
import type { JsonField } from '../protocol-forms.ts'

type Help = Readonly<Record<string, string>>

/** Deeper fields belong to structures that the text of a page explains. */
const DEPTH_MAX = 3

/** The rows of a structure's fields. A field of a structure inside has a path, such as `plan.mode`. */
export const optionRows = (structure: JsonField | undefined, help: Help): string[] =>
  rowsAt(structure, { help, outer: new Set(Object.keys(structure?.properties ?? {})), path: [] })

/** `outer`: the names of the fields outside. The help is known by the name of a field only, and belongs to them. */
type Place = { help: Help; outer: ReadonlySet<string>; path: readonly string[] }

function rowsAt(structure: JsonField | undefined, { help, outer, path }: Place): string[] {
  const required = new Set(structure?.required)
  return Object.entries(structure?.properties ?? {}).flatMap(([name, field]) => {
    const place = [...path, name]
    const isAmbiguous = path.length > 0 && (outer.has(name) || COMMON_NAMES.has(name))
    const meaning = isAmbiguous ? '' : cell(help[name] ?? '')
    const own = `| \`${place.join('.')}\` | ${valuesOf(field)} | ${defaultOf(field, required.has(name))} | ${meaning} |`
    const isOpened = place.length < DEPTH_MAX && !isSecret(field) && !isRange(field)
    return [own, ...(isOpened ? rowsAt(field, { help, outer, path: place }) : [])]
  })
}

/** Every reader knows the two limits of a range. */
const isRange = ({ properties }: JsonField) => Object.keys(properties ?? {}).join() === 'min,max'

/** Names of fields with several meanings inside one protocol. */
const COMMON_NAMES: ReadonlySet<string> = new Set([
  'name',
  'min',
  'max',
  'type',
  'path',
  'address',
  'url',
  'kind',
  'unit',
])

function valuesOf(field: JsonField): string {
  if (isSecret(field)) return 'a secret: `{ secret: NAME }`'
  const choices = field.enum ?? constantsIn(field.anyOf)
  if (choices) return choices.map((choice) => `\`${choice}\``).join(', ')
  if (field.const !== undefined) return `\`${field.const}\``
  if (field.anyOf) return [...new Set(field.anyOf.map(valuesOf))].join('; or ')
  if (field.type === 'array') return `a list${lengthOf(field)}: ${field.items ? valuesOf(field.items) : 'any'}`
  if (field.type === 'object') return keysOf(field)
  return `${TYPES[field.type ?? ''] ?? 'any value'}${rangeOf(field)}`
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: '`true`, `false`',
}

const keysOf = ({ properties }: JsonField): string => {
  const keys = Object.keys(properties ?? {})
  return keys.length > 0 ? `a structure: ${keys.map((key) => `\`${key}\``).join(', ')}` : 'a structure'
}

const constantsIn = (options: JsonField[] | undefined): (string | number)[] | undefined => {
  const constants = options?.flatMap(({ const: constant }) => (constant === undefined ? [] : [constant]))
  return constants && constants.length > 0 && constants.length === options?.length ? constants : undefined
}

function rangeOf({ minimum, maximum, maxLength }: JsonField): string {
  const [min, max] = [minimum, maximum].map((limit) => (isLimit(limit) ? figure(limit) : undefined))
  if (min !== undefined && max !== undefined) return `, ${min} to ${max}`
  if (min !== undefined) return `, from ${min}`
  if (max !== undefined) return `, up to ${max}`
  return maxLength === undefined ? '' : `, up to ${figure(maxLength)} characters`
}

const lengthOf = ({ minItems, maxItems }: JsonField): string => {
  if (maxItems === undefined) return ''
  return minItems === undefined ? ` of up to ${figure(maxItems)}` : ` of ${figure(minItems)} to ${figure(maxItems)}`
}

/** JSON Schema names the range of exact integers if a schema has no limit of its own. */
const isLimit = (limit: number | undefined): limit is number =>
  limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER

/** A number as readers write it. A year or a port has no comma. */
const figure = (value: number): string => value.toLocaleString('en-US')

function defaultOf(field: JsonField, isRequired: boolean): string {
  if (isRequired) return '**required**'
  const { default: fallback } = field
  if (typeof fallback === 'number') return figure(fallback)
  if (typeof fallback === 'string' && fallback !== '') return `\`${fallback}\``
  if (typeof fallback === 'boolean') return `\`${fallback}\``
  return ''
}

const isSecret = ({ properties }: JsonField) =>
  properties !== undefined && Object.keys(properties).length === 1 && 'secret' in properties

/** A bar would end the cell. */
const cell = (text: string): string => text.replaceAll('|', '\\|')
