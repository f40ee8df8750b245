/** Tag file: a CSV file of tags that somebody gave, what a source becomes by it, and where in it stands what is wrong. */
import { planSource } from '@skerry/connectors/sources/connectors'
import { type ConnectionSpec, SPEC_BYTES_MAX } from '@skerry/contract/connections/connection'
import { Source } from '@skerry/contract/sources/source'
import { readTagTable, type TableGroup, tableFlawWords, withTableGroups } from '@skerry/core/tags/tag-table'
import { fail } from '../../program/failure.ts'
import { readBytes } from '../../program/input-file.ts'

export type TagFile = { path: string; groups: readonly TableGroup[] }

/** More mistakes than these have one cause. */
const MISTAKES_SHOWN = 20

/** Fails with `file_invalid`, the line and the column. */
export async function readTagFile(path: string): Promise<TagFile> {
  const bytes = await readBytes(path)
  if (bytes.length > SPEC_BYTES_MAX) throw fail('file_invalid', `${path}: larger than any source can be`)
  const table = readTagTable(bytes.toString('utf8'))
  if (!table.ok)
    throw fail('file_invalid', `${path}:${table.line}: column ${table.column} ${tableFlawWords[table.message]}`)
  return { path, groups: table.groups }
}

/** The source with these tags in place of its own. Fails with `file_invalid`, and each mistake at its line, where that is no sound one. */
export async function withTags(spec: ConnectionSpec, file: TagFile): Promise<ConnectionSpec> {
  const next = { ...spec, groups: withTableGroups(spec.groups, file.groups) }
  const read = Source.safeParse(next)
  const found = read.success
    ? (await planSource(read.data)).problems.map(({ tag, message }) => `${file.path}:${lineOf(tag, file)}: ${message}`)
    : read.error.issues.map((issue) => `${placeOf(issue.path, file)}: ${issue.message}`)
  if (found.length > 0) throw fail('file_invalid', found.slice(0, MISTAKES_SHOWN).join('\n'))
  return next
}

function lineOf(tag: string, { groups }: TagFile): number {
  const group = groups.find(({ tags }) => tags.some(({ name }) => name === tag))
  return group?.lines[group.tags.findIndex(({ name }) => name === tag)] ?? 1
}

/** `groups.0.tags.3.scale` is the column `scale` in the line of that tag; what is no tag stands in the source. */
function placeOf([head, group, field, tag, ...rest]: readonly PropertyKey[], { path, groups }: TagFile): string {
  const lines = head === 'groups' ? groups[Number(group)]?.lines : undefined
  if (!lines) return `the source: ${[head, group, field, tag, ...rest].filter((part) => part !== undefined).join('.')}`
  if (field !== 'tags') return `${path}:${lines[0] ?? 1}: column ${field === 'name' ? 'group' : String(field)}`
  const line = `${path}:${lines[Number(tag)] ?? lines[0] ?? 1}`
  return rest.length === 0 ? line : `${line}: column ${rest.map(String).join('.')}`
}
