/** Selector words: describes the devices of a selector in words if it is built of rows, else by its own text. */
import { type Condition, FIELDS, selectorRows } from './selector-rows.ts'

/** `every device whose site is in DE or FR`; `all` stands before the conditions, and alone if there is none. */
export function selectorWords(text: string, all: string): string {
  const group = /^group:([a-z0-9-]+)$/.exec(text.trim())?.[1]
  if (group !== undefined) return `${all} of the group ${group}`
  const rows = selectorRows(text)
  if (!rows) return `${all} that the selector ${text} picks`
  if (rows.conditions.length === 0) return all
  return `${all} whose ${rows.conditions.map(conditionWords).join(rows.joint === 'and' ? ' and whose ' : ' or whose ')}`
}

const NAMES: Readonly<Record<Condition['field'], string>> = {
  'site.name': 'site',
  'site.kind': 'kind of site',
  'site.country': 'country',
  'site.region': 'region',
  'site.clearance': 'clearance',
  'site.labels': 'site label',
  'device.name': 'name',
  'device.labels': 'label',
  'device.arch': 'architecture',
  'device.os': 'system',
  'device.cpus': 'number of cores',
  'device.memoryMb': 'memory in MB',
  'device.capabilities': 'list of capabilities',
  'device.status': 'status',
  'device.online': 'connection',
}

/** A condition in words: `country is DE`. */
function conditionWords({ field, key, operator, values }: Condition): string {
  const name = key === undefined ? NAMES[field] : `${NAMES[field]} ${key}`
  const value = values[0] ?? ''
  const quoted = FIELDS[field] === 'label' ? `"${value}"` : value
  const list = values.map((one) => (FIELDS[field] === 'label' ? `"${one}"` : one))
  switch (operator) {
    case 'is':
      return `${name} is ${quoted}`
    case 'is-not':
      return `${name} is not ${quoted}`
    case 'in':
      return `${name} is ${listWords(list, 'or')}`
    case 'not-in':
      return `${name} is neither ${listWords(list, 'nor')}`
    case 'starts':
      return `${name} begins with ${quoted}`
    case 'ends':
      return `${name} ends with ${quoted}`
    case 'contains':
      return `${name} contains ${quoted}`
    case 'at-least':
      return `${name} is at least ${quoted}`
    case 'at-most':
      return `${name} is at most ${quoted}`
    case 'above':
      return `${name} is above ${quoted}`
    case 'below':
      return `${name} is below ${quoted}`
    case 'has':
      return `${name} is set`
    case 'has-not':
      return `${name} is not set`
    case 'true':
      return `${name} is up`
    case 'false':
      return `${name} is down`
    case 'holds':
      return `${name} has ${quoted}`
    case 'lacks':
      return `${name} lacks ${quoted}`
  }
}

/** `DE`, `DE or FR`, `DE, FR or NL`. */
function listWords(words: readonly string[], joint: 'or' | 'nor'): string {
  const [last = '', ...before] = words.toReversed()
  return before.length === 0 ? last : `${before.toReversed().join(', ')} ${joint} ${last}`
}
