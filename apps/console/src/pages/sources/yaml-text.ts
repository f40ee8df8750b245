/**
 * YAML text: one YAML document that a person writes. A schema of the contract checks it, and each error has its line.
 */
import { isNode, LineCounter, parseDocument } from 'yaml'
import type * as z from 'zod'

export type Flaw = { line: number; message: string }

/** `value` is present if the text has no errors. */
export type ReadYaml<T> = { value: T; flaws: readonly Flaw[] } | { value: undefined; flaws: readonly Flaw[] }

/** Anchors save typing. More uses than these only make a small file huge. */
const ALIASES_MAX = 100

/** More errors than these usually have one cause. */
const FLAWS_SHOWN = 20

type Saying = (path: readonly PropertyKey[], message: string) => string
type LineOf = (path: readonly PropertyKey[]) => number

/** Reads one document. White space alone has neither a value nor errors. `saying` puts an error into words. */
export function readYamlText<T>(text: string, schema: z.ZodType<T>, saying: Saying = usual): ReadYaml<T> {
  if (text.trim() === '') return { value: undefined, flaws: [] }
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, uniqueKeys: true, prettyErrors: false })
  const lineAt = (offset: number) => counter.linePos(offset).line
  if (document.errors.length > 0) {
    const flaws = document.errors.map(({ pos, message }) => ({ line: lineAt(pos[0]), message: firstLine(message) }))
    return { value: undefined, flaws: flaws.slice(0, FLAWS_SHOWN) }
  }
  const lineOf: LineOf = (path) => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true)
    if (isNode(node) && node.range) return lineAt(node.range[0])
    return path.length === 0 ? 1 : lineOf(path.slice(0, -1))
  }
  return judge(() => document.toJS({ maxAliasCount: ALIASES_MAX }), { schema, saying, lineOf })
}

type Judging<T> = { schema: z.ZodType<T>; saying: Saying; lineOf: LineOf }

function judge<T>(content: () => unknown, { schema, saying, lineOf }: Judging<T>): ReadYaml<T> {
  let value: unknown
  try {
    value = content()
  } catch (error) {
    return { value: undefined, flaws: [{ line: 1, message: error instanceof Error ? error.message : String(error) }] }
  }
  const read = schema.safeParse(value)
  if (read.success) return { value: read.data, flaws: [] }
  const flaws = read.error.issues.map(({ path, message }) => ({ line: lineOf(path), message: saying(path, message) }))
  return { value: undefined, flaws: flaws.toSorted((a, b) => a.line - b.line).slice(0, FLAWS_SHOWN) }
}

/** The message, with the field that it belongs to. */
export function usual(path: readonly PropertyKey[], message: string): string {
  const where = path.map(String).join('.')
  return where === '' ? message : `${where}: ${message}`
}

const firstLine = (message: string) => message.split('\n')[0] ?? message
