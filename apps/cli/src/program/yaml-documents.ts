/** YAML documents: reads files that people write, and says of each mistake in which line it stands. */
import { type Document, isMap, isNode, LineCounter, parseAllDocuments } from 'yaml'
import type * as z from 'zod'

/** `place` is `file:line`. */
export type YamlProblem = { place: string; message: string }

/** `choice`: the field that says which of several shapes a document has. */
export type YamlShape<T> = { file: string; schema: z.ZodType<T>; choice: { field: string; of: readonly string[] } }

/** Every document that is right, with the place where it begins, and what is wrong with the others. */
export function readYaml<T>(
  text: string,
  { file, schema, choice }: YamlShape<T>,
): { values: { place: string; value: T }[]; problems: YamlProblem[] } {
  const lines = new LineCounter()
  // YAML 1.2, in which `no` is a word and not false; a key given twice is a mistake.
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
    // `---` with nothing behind it, as templates leave behind.
    if (content.value === null) continue
    const parsed = schema.safeParse(content.value)
    if (parsed.success) values.push({ place: placeOf(startOf(document)), value: parsed.data })
    else problems.push(...parsed.error.issues.flatMap((issue) => problemsOf({ document, placeOf, choice }, issue)))
  }
  return { values, problems }
}

type Reading = { document: Document; placeOf: (offset: number) => string; choice: YamlShape<unknown>['choice'] }

/** `a or b`, `a, b or c`. */
const listed = (names: readonly string[]) => `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`

/** Anchors save typing; more than this many uses of them only make a small file huge. */
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

function problemsOf({ document, placeOf, choice }: Reading, issue: Issue): YamlProblem[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      place: placeOf(keyOffset(document, path, key) ?? offsetOf(document, path)),
      message: `${[...path, key].join('.')} is not a field here`,
    }))
  }
  const message =
    issue.code === 'invalid_union' ? choiceText(issue, path.at(-1) === choice.field ? choice.of : []) : issue.message
  return [{ place: placeOf(offsetOf(document, path)), message: `${path.join('.') || 'the document'}: ${message}` }]
}

type UnionIssue = Extract<Issue, { code: 'invalid_union' }>

/** [zod, discriminated unions] What the deciding field may be stands in the issue. */
function choiceText(issue: UnionIssue, usual: readonly string[]): string {
  const given = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
  const options = usual.length > 0 ? usual : given
  return options.length > 1 ? `must be ${listed(options)}` : issue.message
}

type Path = (string | number)[]

/** Where the deepest part of the path that exists stands. */
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
