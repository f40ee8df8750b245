/** Tag changes: what another version of a source adds to its tags, changes of them and removes. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { tagRowsOf } from './tag-rows.ts'

/** `before` and `after` are absent where nothing was said, or is. */
export type FieldChange = { field: string; before?: unknown; after?: unknown }

export type TagChange =
  | { change: 'added' | 'removed'; tag: string; group: string }
  | { change: 'changed'; tag: string; group: string; fields: readonly FieldChange[] }

/** In the order of the new one; what is removed comes last. A tag that only stands elsewhere in its group is as before. */
export function tagChanges(before: ConnectionSpec, after: ConnectionSpec): TagChange[] {
  const old = fieldsOf(before)
  const now = fieldsOf(after)
  const changes = [...now].flatMap(([tag, fields]): TagChange[] => {
    const known = old.get(tag)
    const group = String(fields.group)
    if (!known) return [{ change: 'added', tag, group }]
    const changed = fieldChanges(known, fields)
    return changed.length === 0 ? [] : [{ change: 'changed', tag, group, fields: changed }]
  })
  const removed = [...old].filter(([tag]) => !now.has(tag))
  return [...changes, ...removed.map(([tag, { group }]) => ({ change: 'removed' as const, tag, group: String(group) }))]
}

type Fields = Readonly<Record<string, unknown>>

const fieldsOf = (spec: ConnectionSpec): ReadonlyMap<string, Fields> =>
  new Map(tagRowsOf(spec).map(({ name, group, everyMs, all }) => [name, { ...all, group, everyMs }]))

function fieldChanges(before: Fields, after: Fields): FieldChange[] {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...fields]
    .filter((field) => !isSame(before[field], after[field]))
    .map((field) => ({
      field,
      ...(before[field] !== undefined && { before: before[field] }),
      ...(after[field] !== undefined && { after: after[field] }),
    }))
}

/** The order of what an object says is of no meaning. */
function isSame(one: unknown, other: unknown): boolean {
  if (!isObject(one) || !isObject(other) || Array.isArray(one) !== Array.isArray(other)) return one === other
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => isSame(one[key], other[key]))
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
