/** Source text: a source as somebody writes it in YAML, with what is wrong with it and in which line that stands. */
import type { ConnectionSpec } from '@skerry/contract/connection'
import { SourceSpec } from '@skerry/contract/connection-spec'
import { Source } from '@skerry/contract/source'
import { isMap, parseDocument, stringify } from 'yaml'
import { sourcesTexts } from '../../texts/english-sources.ts'
import { readTagTable } from './tag-table.ts'
import { type Flaw, readYamlText, usual } from './yaml-text.ts'

const words = sourcesTexts.edit

/** `spec` as it was written, where nothing is wrong with it. */
export type ReadText = { spec: ConnectionSpec | undefined; flaws: readonly Flaw[] }

/** Reads one document; nothing at all where there is only white space. */
export function readSourceText(text: string): ReadText {
  const { value, flaws } = readYamlText<ConnectionSpec>(text, SourceSpec, (path, message) =>
    path.join('.') === 'protocol' ? `protocol: ${words.protocol(PROTOCOLS)}` : usual(path, message),
  )
  return { spec: value, flaws }
}

/** Those that this hub knows. */
const PROTOCOLS = Source.options.map(({ shape }) => shape.protocol.value)

/** What the hub has, as YAML; lists of short things in one line each. */
export const sourceTextOf = (spec: ConnectionSpec): string => stringify(spec, { lineWidth: 140 })

export type TakenText = { ok: true; text: string } | { ok: false; flaw: string }

/** The source with the tags of a table in place of its own; the rest, and its comments, stay as they were written. */
export function withTags(text: string, csv: string): TakenText {
  const table = readTagTable(csv)
  if (!table.ok) return { ok: false, flaw: words.table(table.line, words.tableFlaws[table.message]) }
  const document = parseDocument(text)
  if (!isMap(document.contents)) return { ok: false, flaw: words.tableFirst }
  document.set('groups', document.createNode(table.groups))
  return { ok: true, text: document.toString({ lineWidth: 140 }) }
}
