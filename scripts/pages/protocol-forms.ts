/**
 * Writes the texts of the forms of sources and sinks: the comments of the schemas as help, and the tables of
 * docs/sources.md and docs/sinks.md as the evidence for each protocol.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { Sink } from '@skerry/contract/sinks/sink'
import { Source } from '@skerry/contract/sources/source'
import * as z from 'zod'
import type { FormField, FormShape } from '../../apps/console/src/pages/sources/form/form-shape.ts'
import { ROOT } from '../step.ts'

const FOLDER = join(ROOT, 'packages/contract/src')

/** Files with fields that several protocols share. A protocol has those of the files that it imports. */
const SHARED = ['sources/tag.ts', 'sources/serial-line.ts', 'sinks/broker.ts', 'deployments/pauses.ts']

/** The comment before each field of a file. A comment that several fields share belongs to the first one. */
function helpIn(code: string): Record<string, string> {
  const help: Record<string, string> = {}
  for (const [, comment = '', field = ''] of code.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\n\s*(\w+): /g)) {
    help[field] ??= comment
      .replace(/\s*\n\s*\* ?/g, ' ')
      .replace(/\[[^\]]*\d[^\]]*\]\s*/g, '')
      .trim()
  }
  return help
}

const read = (file: string) => readFile(join(FOLDER, file), 'utf8').catch(() => '')

/** The help of the fields in one file of the contract, by name. */
export const fileHelp = async (file: string): Promise<Record<string, string>> => helpIn(await read(file))

/** The help of the fields of a protocol, by name. */
export async function helpOf(kind: ConnectionKind, protocol: string): Promise<Record<string, string>> {
  const code = await read(`${kind}s/protocols/${kind}-${protocol}.ts`)
  const shared = SHARED.filter((file) => code.includes(`/${file.split('/').at(-1)}'`))
  const parts = await Promise.all(shared.map(async (file) => helpIn(await read(file))))
  return Object.assign({}, ...parts, helpIn(code)) as Record<string, string>
}

/** The help of the fields of a tag. Fields of all tags keep their help, even if a connection has one of that name. */
export const tagHelpOf = async (protocol: string): Promise<Record<string, string>> => ({
  ...(await helpOf('source', protocol)),
  ...(await fileHelp('sources/tag.ts')),
})

export type JsonField = {
  type?: string
  default?: unknown
  minimum?: number
  maximum?: number
  enum?: (string | number)[]
  const?: string | number
  maxLength?: number
  minItems?: number
  maxItems?: number
  anyOf?: JsonField[]
  oneOf?: JsonField[]
  properties?: Record<string, JsonField>
  required?: string[]
  items?: JsonField
}

/** Fields that nearly everybody sets, although they have a default value. */
const USUAL: ReadonlySet<string> = new Set([
  ...['host', 'port', 'url', 'path', 'endpoint', 'broker', 'unit', 'rack', 'slot', 'security', 'user', 'password'],
  ...['device', 'database', 'target', 'topic', 'subject', 'token', 'serial', 'address', 'type', 'interface', 'signal'],
])

/** The forms of the protocols of a kind. */
async function formsOf(kind: ConnectionKind): Promise<Record<string, FormShape>> {
  const entries = (kind === 'source' ? Source : Sink).options.map(async (option) => {
    const protocol = option.shape.protocol.value
    const json: JsonField = JSON.parse(JSON.stringify(z.toJSONSchema(option, { io: 'input', unrepresentable: 'any' })))
    const { properties = {} } = json
    const help = await helpOf(kind, protocol)
    const tag = properties.groups?.items?.properties?.tags?.items
    return [
      protocol,
      { connection: fieldsOf(properties.connection, help), tag: fieldsOf(tag, tag ? await tagHelpOf(protocol) : {}) },
    ] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

function fieldsOf(json: JsonField | undefined, help: Readonly<Record<string, string>>): FormField[] {
  const required = new Set(json?.required)
  const fields = Object.entries(json?.properties ?? {}).map(([name, field]): FormField => {
    const isRequired = required.has(name)
    const fallback = scalarOf(field.default)
    return {
      name,
      ...valueIn(field),
      ...(isRequired && { isRequired }),
      ...(!isRequired && !USUAL.has(name) && { isAdvanced: true }),
      ...(help[name] !== undefined && { help: help[name] }),
      ...(fallback !== undefined && { fallback }),
    }
  })
  return [...fields.filter(({ isRequired }) => isRequired), ...fields.filter(({ isRequired }) => !isRequired)]
}

type Value = Pick<FormField, 'kind' | 'min' | 'max' | 'choices' | 'variants'>

function valueIn(field: JsonField): Value {
  const limits = {
    ...(field.minimum !== undefined && { min: field.minimum }),
    ...(field.maximum !== undefined && { max: field.maximum }),
  }
  const choices = field.enum ?? constantsOf(field.anyOf)
  if (choices) return { ...limits, kind: 'choice', choices }
  const variants = variantsOf(field.oneOf)
  if (variants) return { kind: 'variant', variants }
  const kind = field.type === undefined ? undefined : KIND_OF_TYPE[field.type]
  return { ...limits, kind: kind ?? (isSecret(field) ? 'secret' : 'structure') }
}

/** The kinds of fields by the types of JSON Schema. Other types have a structure of their own. */
const KIND_OF_TYPE: Readonly<Record<string, FormField['kind']>> = {
  string: 'text',
  integer: 'integer',
  number: 'number',
  boolean: 'switch',
}

/** The forms of a value whose field `kind` decides about its other fields. All of these must be plain. */
function variantsOf(options: JsonField[] | undefined): NonNullable<FormField['variants']> | undefined {
  const variants = options?.map((option) => ({
    kind: String(option.properties?.kind?.const ?? ''),
    fields: fieldsOf(option, {})
      .filter(({ name }) => name !== 'kind')
      .map(({ name, kind, max }) => ({ name, kind, ...(max !== undefined && { max }) })),
  }))
  return variants?.every(({ kind }) => kind !== '') ? variants : undefined
}

function constantsOf(options: JsonField[] | undefined): (string | number)[] | undefined {
  const constants = options?.flatMap(({ const: constant }) => (constant === undefined ? [] : [constant]))
  return constants && constants.length > 0 && constants.length === options?.length ? constants : undefined
}

const isSecret = ({ properties }: JsonField) =>
  properties !== undefined && Object.keys(properties).length === 1 && 'secret' in properties

const scalarOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : undefined

/** `once`: how a sink avoids a second copy of a value. */
export type Evidence = { protocol: string; what: string; once: string; tested: string; open: string }

/** The rows of a page's table of protocols, without the marks of Markdown. */
export function evidenceIn(page: string): Evidence[] {
  const [head = '', ...lines] = (page.split(/^## Protocols\n/m)[1] ?? '').split('\n')
  const columns = cellsOf(head)
  const at = (name: string) => columns.indexOf(name)
  const rows = lines.slice(
    1,
    lines.findIndex((line) => !line.startsWith('|')),
  )
  return rows.map((line) => {
    const cells = cellsOf(line)
    const [, protocol = '', what = ''] = /^([\w-]+): (.*)$/.exec(plain(cells[0] ?? '')) ?? []
    return {
      protocol,
      what: what.charAt(0).toUpperCase() + what.slice(1),
      once: plain(cells[at('how a value arrives once')] ?? ''),
      tested: plain(cells[at('tested against')] ?? ''),
      open: plain(cells[at('not claimed')] ?? ''),
    }
  })
}

const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

const plain = (cell: string) =>
  cell
    .replace(/\s*\(\[why\]\([^)]*\)\)/g, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/[`*]/g, '')

const HEAD =
  '/** Written by `npm run generate` from the comments of the schemas and the tables of docs/. Do not edit. */\n'

/** The file of the console. */
export async function protocolForms(): Promise<string> {
  const page = (name: string) => readFile(join(ROOT, `docs/${name}.md`), 'utf8')
  return `${HEAD}import type { FormShape } from '../form-shape.ts'

type Forms = Readonly<Record<string, FormShape>>
type Evidence = { protocol: string; what: string; tested: string; open: string }

export const FORMS: Readonly<Record<'source' | 'sink', Forms>> = {
  source: ${linesOf(await formsOf('source'))},
  sink: ${linesOf(await formsOf('sink'))},
}

export const EVIDENCE: Readonly<Record<'source' | 'sink', readonly Evidence[]>> = {
  source: ${evidenceOf(await page('sources'))},
  sink: ${evidenceOf(await page('sinks'))},
}
`
}

/** The console shows no `once`. */
const evidenceOf = (page: string): string =>
  JSON.stringify(evidenceIn(page).map(({ protocol, what, tested, open }) => ({ protocol, what, tested, open })))

/** JSON with one line for each entry. */
const linesOf = (value: Readonly<Record<string, unknown>>) =>
  `{\n${Object.entries(value)
    .map(([key, entry]) => `    ${JSON.stringify(key)}: ${JSON.stringify(entry)},\n`)
    .join('')}  }`

/** The place of that file. */
export const PROTOCOL_FORMS = join(ROOT, 'apps/console/src/pages/sources/form/generated/protocol-texts.ts')
