/**
 * JSON places: the content of a place of a JSON document, one level at a time, as entries that tags are picked from.
 */
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { atPath, jsonReader, stepsOf } from './json-value.ts'

/** More of one level than anybody reads through. */
const CHILDREN_MAX = 10_000

/** [packages/contract/src/values/json-path.ts] The limits of a tag's path. */
const PATH_MAX = 500
const INDEX_MAX = 1_000_000
const PLAIN = /^[^.[\]"\s]+$/

/** Enough to know it again by. */
const SAID_MAX = 60

/** The whole document if the path is empty and the document is one value; nothing if nothing lies there. */
export function browseJson(document: unknown, path: string): BrowseEntry[] {
  const steps = stepsOf(path)
  const at = path !== '' && steps.length === 0 ? undefined : atPath(document, steps)
  if (path === '' && !isBranch(at)) return [entryOf(document, '', at)]
  const above = steps.reduce((whole: string, step) => pathTo(whole, step) ?? whole, '')
  return childrenOf(at).map(([step, value]) => {
    const place = pathTo(above, step)
    if (place !== undefined) return entryOf(document, place, value)
    // It has no path that a tag could have, and this one is none: names in brackets have no escapes there.
    return { path: `${above}[${JSON.stringify(step)}]`, label: saidOf(String(step), value), isFolder: false }
  })
}

/** The value itself, if it is no branch. */
function entryOf(document: unknown, path: string, value: unknown): BrowseEntry {
  const tag = path === '' ? {} : { path }
  const isTag = jsonReader(tag)(document).ok
  return { path, label: saidOf(path, value), isFolder: hasChildren(value), ...(isTag ? { tag } : {}) }
}

/** The name of a place, and its value. */
export const saidOf = (name: string, value: unknown): string =>
  isBranch(value) ? name : `${name} = ${JSON.stringify(value)}`.slice(0, name.length + SAID_MAX)

/** An object or a list. */
export const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null

export const hasChildren = (value: unknown): boolean => isBranch(value) && Object.keys(value).length > 0

/** Cut to the number that anybody reads through. */
export function childrenOf(value: unknown): [string | number, unknown][] {
  if (Array.isArray(value)) return value.slice(0, CHILDREN_MAX).map((part: unknown, index) => [index, part])
  return isBranch(value) ? Object.entries(value).slice(0, CHILDREN_MAX) : []
}

/** Undefined if no path leads there. */
function pathTo(path: string, step: string | number): string | undefined {
  const next = typeof step === 'number' ? indexed(step) : named(step, path === '' ? '' : '.')
  const whole = next === undefined ? undefined : `${path}${next}`
  return whole !== undefined && whole.length <= PATH_MAX ? whole : undefined
}

const indexed = (index: number) => (index < INDEX_MAX ? `[${index}]` : undefined)

function named(name: string, before: string): string | undefined {
  if (PLAIN.test(name)) return `${before}${name}`
  return name === '' || name.includes('"') ? undefined : `["${name}"]`
}
