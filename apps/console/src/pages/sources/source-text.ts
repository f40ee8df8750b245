/** Source text: a source as somebody writes it in YAML, with what is wrong with it and in which line that stands. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import { Source } from '@skerry/contract/sources/source'
import { CheckedSourceSpec } from '@skerry/core/equipment/source-spec'
import { tagRowsOf } from '@skerry/core/tags/tag-rows'
import { readTagTable, withTableGroups } from '@skerry/core/tags/tag-table'
import { isMap, isSeq, parseDocument, stringify } from 'yaml'
import * as z from 'zod'
import { sourcesTexts } from './english-sources.ts'
import { type Pick, tagNameOf } from './equipment/picked.ts'
import { type Flaw, readYamlText, usual } from './yaml-text.ts'

const words = sourcesTexts.edit

/** `spec` as it was written, where nothing is wrong with it. */
export type ReadText = { spec: ConnectionSpec | undefined; flaws: readonly Flaw[] }

/** Reads one document; nothing at all where there is only white space. */
export function readSourceText(text: string): ReadText {
  const { value, flaws } = readYamlText<ConnectionSpec>(text, CheckedSourceSpec, (path, message) =>
    path.join('.') === 'protocol' ? `protocol: ${words.protocol(PROTOCOLS)}` : usual(path, message),
  )
  return { spec: value, flaws }
}

/** Those that this hub knows. */
const PROTOCOLS = Source.options.map(({ shape }) => shape.protocol.value)

/** What the hub has, as YAML; lists of short things in one line each. */
export const sourceTextOf = (spec: ConnectionSpec): string => stringify(spec, { lineWidth: 140 })

export type TakenText = { ok: true; text: string } | { ok: false; flaw: string }

/**
 * The source with the tags of a table in place of its own. The rest stays as it was written, with its comments; of groups what else is said stays, without
 * them.
 */
export function withTags(text: string, csv: string): TakenText {
  const table = readTagTable(csv)
  if (!table.ok) return { ok: false, flaw: words.table(table) }
  const { value } = readYamlText(text, Begun)
  if (!value) return { ok: false, flaw: words.tableFirst }
  const document = parseDocument(text)
  document.set('groups', document.createNode(withTableGroups(value.groups, table.groups)))
  return { ok: true, text: document.toString({ lineWidth: 140 }) }
}

/** A source that somebody is writing: a document, at least. */
const Begun = z.looseObject({ groups: z.unknown().optional() })

/** Where picked tags go; the rate is that of a group that is made for them. */
export type PickedGroup = { name: string; everyMs: number }

/** The source with tags more in a group of it; the rest, and its comments, stay as they were written. */
export function withPicked(text: string, picks: readonly Pick[], group: PickedGroup): TakenText {
  const document = parseDocument(text)
  if (document.errors.length > 0 || !isMap(document.contents)) return { ok: false, flaw: words.tableFirst }
  if (!isSeq(document.get('groups'))) document.set('groups', document.createNode([]))
  const groups = groupNamesOf(text)
  const at = groups.indexOf(group.name)
  if (at < 0) document.addIn(['groups'], document.createNode({ ...group, tags: [] }))
  const tags = ['groups', at < 0 ? groups.length : at, 'tags']
  if (!isSeq(document.getIn(tags))) document.setIn(tags, document.createNode([]))
  const taken = new Set(tagRowsOf(document.toJS()).map(({ name }) => name))
  for (const pick of picks) {
    const name = tagNameOf(pick, taken)
    taken.add(name)
    document.addIn(tags, document.createNode({ name, ...pick.tag }, { flow: true }))
  }
  return { ok: true, text: document.toString({ lineWidth: 140 }) }
}

/** The groups that a text has, in their order, however unsound it is otherwise. */
export function groupNamesOf(text: string): string[] {
  const groups = parseDocument(text).get('groups')
  if (!isSeq(groups)) return []
  return groups.items.map((item) => (isMap(item) ? String(item.get('name') ?? '') : ''))
}
