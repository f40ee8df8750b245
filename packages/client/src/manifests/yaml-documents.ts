/** YAML documents: reads files that people write, and reports each error with its line. */
import { nearestWord } from '@skerry/core/language/nearest-word'
import { type Document, isMap, isNode, LineCounter, parseAllDocuments } from 'yaml'
import type * as z from 'zod'
import { fieldsAt, inputSchema, type JsonSchema } from './yaml-fields.ts'

/** `place` has the form `file:line`. */
export type YamlProblem = { place: string; message: string }

/** `choice` is the field that decides which of several shapes a document has. */
export type YamlShape<T> = {
  file: string
  schema: z.ZodType<T>
  choice?: { field: string; of: readonly string[] } | undefined
}

/** Returns every valid document with the place where it begins, and the errors of the others. */
export function readYaml<T>(
  text: string,
  { file, schema, choice }: YamlShape<T>,
): { values: { place: string; value: T }[]; problems: YamlProblem[] } {
  const lines = new LineCounter()
  // YAML 1.2, in which `no` is a word and not false. A duplicate key is an error.
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const values: { place: string; value: T }[] = []
  const problems: YamlProblem[] = []
  if (!Array.isArray(documents)) return { values, problems }
  const placeOf = (offset: number) => `${file}:${lines.linePos(offset).line}`
  for (const document of documents as Document[]) {
    const content = contentOf(document)
    if (!content.ok) {
      problems.push(...content.problems.map(({ offset, message }) => ({ place: placeOf(offset), message })))
      continue
    }
    // `---` with nothing behind it, as templates often leave.
    if (content.value === null) continue
    const parsed = schema.safeParse(content.value)
    if (parsed.success) values.push({ place: placeOf(startOf(document)), value: parsed.data })
    else {
      const reading = { document, placeOf, choice, content: content.value, schema }
      problems.push(...parsed.error.issues.flatMap((issue) => problemsOf(reading, issue)))
    }
  }
  return { values, problems }
}

type Reading = {
  document: Document
  placeOf: (offset: number) => string
  choice: YamlShape<unknown>['choice']
  content: unknown
  schema: z.ZodType
}

/** `a or b`, `a, b or c`. */
const listed = (names: readonly string[]) => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`

/** Anchors save typing. More uses than these only make a small file huge. */
const ALIASES_MAX = 100

type Content = { ok: true; value: unknown } | { ok: false; problems: { offset: number; message: string }[] }

function contentOf(document: Document): Content {
  const problems = document.errors.map(({ pos, message }) => ({ offset: pos[0], message: firstLine(message) }))
  if (problems.length > 0) return { ok: false, problems }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: ALIASES_MAX }) }
  } catch (error) {
    // [yaml, Document.toJS] An alias without its anchor, or too many of them.
    const message = error instanceof Error ? error.message : String(error)
    return { ok: false, problems: [{ offset: startOf(document), message }] }
  }
}

type Issue = z.core.$ZodIssue

function problemsOf(reading: Reading, issue: Issue): YamlProblem[] {
  const { document, placeOf, choice } = reading
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      place: placeOf(keyOffset(document, path, key) ?? offsetOf(document, path)),
      message: `${[...path, key].join('.')} is not a field here${meantField(reading, path, key)}`,
    }))
  }
  const message =
    issue.code === 'invalid_union'
      ? choiceText(issue, path.at(-1) === choice?.field ? (choice?.of ?? []) : [], document.getIn(path))
      : issue.message
  return [{ place: placeOf(offsetOf(document, path)), message: `${path.join('.') || 'the document'}: ${message}` }]
}

/** The field that the author probably meant, or all fields if there are few. */
function meantField({ schema, choice, content }: Reading, path: Path, key: string): string {
  const chosen = choice && isRecord(content) ? content[choice.field] : undefined
  const isFitting = ({ properties }: JsonSchema) => {
    const only = choice && properties?.[choice.field]?.const
    return only === undefined || only === chosen
  }
  const fields = fieldsAt(inputSchema(schema), path, isFitting)
  const meant = nearestWord(key, fields)
  if (meant !== undefined) return `; did you mean ${meant}?`
  return fields.length > 0 && fields.length <= LISTED_MAX ? `; the fields are ${fields.join(', ')}` : ''
}

/** More fields than these make a line too long to read. */
const LISTED_MAX = 12

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

type UnionIssue = Extract<Issue, { code: 'invalid_union' }>

/** [zod, discriminated unions] The issue has the allowed values of the deciding field. */
function choiceText(issue: UnionIssue, usual: readonly string[], written: unknown): string {
  const given = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
  const options = usual.length > 0 ? usual : given
  const meant = typeof written === 'string' ? nearestWord(written, options) : undefined
  const hint = meant === undefined ? '' : `; did you mean ${meant}?`
  return options.length > 1 ? `must be ${listed(options)}${hint}` : issue.message
}

type Path = (string | number)[]

/** The position of the deepest part of the path that exists. */
function offsetOf(document: Document, path: Path): number {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = path.slice(0, length - 1)
    const key = path[length - 1]
    const offset = typeof key === 'string' ? keyOffset(document, parent, key) : undefined
    const node = document.getIn(path.slice(0, length), true)
    const found = offset ?? (isNode(node) ? node.range?.[0] : undefined)
    if (found !== undefined) return found
  }
  return startOf(document)
}

function keyOffset(document: Document, path: Path, key: string): number | undefined {
  const map = path.length === 0 ? document.contents : document.getIn(path, true)
  if (!isMap(map)) return undefined
  const pair = map.items.find((item) => isNode(item.key) && String(item.key) === key)
  return isNode(pair?.key) ? pair.key.range?.[0] : undefined
}

const startOf = (document: Document) => document.contents?.range?.[0] ?? 0

const firstLine = (text: string) => text.split('\n')[0] ?? text
