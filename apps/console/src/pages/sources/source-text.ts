/** Source text: a source as somebody writes it in YAML, with what is wrong with it and in which line that stands. */
import type { ConnectionSpec } from '@skerry/contract/connection'
import { SourceSpec } from '@skerry/contract/connection-spec'
import { Source } from '@skerry/contract/source'
import { isMap, isNode, LineCounter, parseDocument, stringify } from 'yaml'
import { sourcesTexts } from '../../texts/english-sources.ts'
import { readTagTable } from './tag-table.ts'

const words = sourcesTexts.edit

export type Flaw = { line: number; message: string }

/** `spec` as it was written, where nothing is wrong with it. */
export type ReadText = { spec: ConnectionSpec; flaws: readonly Flaw[] } | { spec: undefined; flaws: readonly Flaw[] }

/** Anchors save typing; more uses of them than these only make a small file huge. */
const ALIASES_MAX = 100

/** More of them have one cause. */
const FLAWS_SHOWN = 20

/** Reads one document; nothing at all where there is only white space. */
export function readSourceText(text: string): ReadText {
  if (text.trim() === '') return { spec: undefined, flaws: [] }
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false })
  const lineAt = (offset: number) => counter.linePos(offset).line
  if (document.errors.length > 0) {
    const flaws = document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message: firstLine(message) }))
    return { spec: undefined, flaws: flaws.slice(0, FLAWS_SHOWN) }
  }
  const lineOf = (path: readonly PropertyKey[]): number => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    if (isNode(node) && node.range) return lineAt(node.range[0])
    return path.length === 0 ? 1 : lineOf(path.slice(0, -1))
  }
  return judge(() => document.toJS({ maxAliasCount: ALIASES_MAX }), lineOf)
}

function judge(content: () => unknown, lineOf: (path: readonly PropertyKey[]) => number): ReadText {
  let value: unknown
  try {
    value = content()
  } catch (error) {
    return { spec: undefined, flaws: [{ line: 1, message: error instanceof Error ? error.message : String(error) }] }
  }
  const read = SourceSpec.safeParse(value)
  if (read.success) return { spec: read.data, flaws: [] }
  const flaws = read.error.issues.map(({ path, message }) => ({ line: lineOf(path), message: wordsOf(path, message) }))
  return { spec: undefined, flaws: flaws.toSorted((a, b) => a.line - b.line).slice(0, FLAWS_SHOWN) }
}

function wordsOf(path: readonly PropertyKey[], message: string): string {
  const where = path.map(String).join('.')
  if (where === 'protocol') return `protocol: ${words.protocol(PROTOCOLS)}`
  return where === '' ? message : `${where}: ${message}`
}

/** Those that this hub knows. */
const PROTOCOLS = Source.options.map(({ shape }) => shape.protocol.value)

const firstLine = (message: string) => message.split('\n')[0] ?? message

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
