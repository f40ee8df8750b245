/**
 * Fill template: puts the settings of a person into the declared values of a JSON document. A template is data, never
 * text: a setting with quotes or brackets stays one value, and a placeholder outside the declared places stays text.
 *
 *     { "above": "{{ limit }}" }           with the place /above, and limit = 8: { "above": 8 }
 *     { "topic": "pumps/{{ pump }}" }      with the place /topic: { "topic": "pumps/1" }
 */
import type { AppConfig } from '@skerry/contract/apps/config-schema'

export type Values = Readonly<Record<string, AppConfig[string]>>

export type Filled = { ok: true; document: unknown } | { ok: false; message: string }

const PLACEHOLDER = /\{\{ ?([A-Za-z_][A-Za-z0-9_.-]{0,63}) ?\}\}/g

/** Names of the placeholders in a text. */
export const placeholdersIn = (text: string): string[] => [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name)

/** A value that is one placeholder becomes the setting itself, with its type. In a longer text it becomes text. */
export function fillValue(value: unknown, values: Values): Filled {
  if (typeof value !== 'string') return { ok: false, message: 'is not a text, so it has no placeholder' }
  const names = placeholdersIn(value)
  if (names.length === 0) return { ok: false, message: 'has no placeholder such as {{ limit }}' }
  const unknown = names.find((name) => !Object.hasOwn(values, name))
  if (unknown !== undefined) return { ok: false, message: `names the setting ${unknown}, which has no value` }
  const [whole] = value.match(PLACEHOLDER) ?? []
  if (whole === value) return { ok: true, document: values[names[0] ?? ''] }
  return { ok: true, document: value.replaceAll(PLACEHOLDER, (_, name: string) => String(values[name])) }
}

/** A copy of the document with all places filled. Fails at the first place that does not exist or has no value. */
export function fillTemplate(document: unknown, places: readonly string[], values: Values): Filled {
  if (document === undefined) return { ok: false, message: 'the document is missing' }
  // A document is JSON, so this copies all of it.
  const copy: unknown = JSON.parse(JSON.stringify(document))
  for (const place of places) {
    const spot = spotOf(copy, place)
    if (!spot) return { ok: false, message: `${place} is no place of the document` }
    const filled = fillValue(spot.parent[spot.key], values)
    if (!filled.ok) return { ok: false, message: `${place} ${filled.message}` }
    spot.parent[spot.key] = filled.document
  }
  return { ok: true, document: copy }
}

/** The places of all values whose placeholders are known. Unknown ones stay text, as in a template of another tool. */
export function findPlaces(document: unknown, names: ReadonlySet<string>, place = ''): string[] {
  if (typeof document === 'string') {
    const found = placeholdersIn(document)
    return found.length > 0 && found.every((name) => names.has(name)) ? [place] : []
  }
  if (typeof document !== 'object' || document === null) return []
  return Object.entries(document).flatMap(([key, value]) =>
    findPlaces(value, names, `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
}

type Spot = { parent: Record<string, unknown>; key: string }

/** [RFC 6901] `~1` is a slash, and `~0` a tilde. Only own keys, so that no prototype is reached. */
function spotOf(document: unknown, place: string): Spot | undefined {
  const keys = place
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  let parent: unknown = document
  for (const key of keys.slice(0, -1)) {
    if (!isContainer(parent) || !Object.hasOwn(parent, key)) return undefined
    parent = parent[key]
  }
  const key = keys.at(-1)
  return key !== undefined && isContainer(parent) && Object.hasOwn(parent, key) ? { parent, key } : undefined
}

/** Arrays are read by their indices, which are own keys. */
const isContainer = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
