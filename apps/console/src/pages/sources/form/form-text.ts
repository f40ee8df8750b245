/**
 * Form text: the form of a source or a sink reads and changes its YAML text, which is the only state. So form and text
 * are always the same, and comments of the text stay.
 */
import { type Document, isMap, isSeq, parse, parseDocument, stringify } from 'yaml'
import { type FormField, type FormVariant, shapeOf } from './form-shape.ts'

/** The place of a value in the text. */
type Path = readonly (string | number)[]

/** A longer text comes from a program: a form that reads it at each key would be slow. */
const FORM_CHARACTERS_MAX = 300_000

/** The tags that the table shows; more are changed in the text, or by a CSV file. */
export const TAGS_SHOWN_MAX = 200

export type WrittenTag = { path: Path; group: string; everyMs: unknown; tag: Readonly<Record<string, unknown>> }
export type FormContent = {
  protocol: string | undefined
  valueAt: (path: Path) => unknown
  tags: readonly WrittenTag[]
  tagCount: number
  groups: readonly string[]
}

/** The content for the form. Undefined if the text is no YAML mapping, or too long. An empty text has no protocol. */
export function contentOf(text: string): FormContent | undefined {
  if (text.length > FORM_CHARACTERS_MAX) return undefined
  const document = parseDocument(text)
  if (document.errors.length > 0 || !(document.contents === null || isMap(document.contents))) return undefined
  const protocol = document.get('protocol')
  const groups = groupsOf(document)
  const tags = groups.flatMap(({ name, everyMs, tags: each }, group) =>
    each.map((tag, index) => ({ path: ['groups', group, 'tags', index], group: name, everyMs, tag })),
  )
  return {
    protocol: typeof protocol === 'string' ? protocol : undefined,
    valueAt: (path) => plainAt(document, path),
    tags: tags.slice(0, TAGS_SHOWN_MAX),
    tagCount: tags.length,
    groups: groups.map(({ name }) => name),
  }
}

function plainAt(document: Document, path: Path): unknown {
  const node = document.getIn(path)
  return isMap(node) || isSeq(node) ? node.toJS(document) : node
}

type WrittenGroup = { name: string; everyMs: unknown; tags: Readonly<Record<string, unknown>>[] }

function groupsOf(document: Document): WrittenGroup[] {
  const groups: unknown = plainAt(document, ['groups'])
  if (!Array.isArray(groups)) return []
  return groups.map((group: unknown) => {
    const { name, everyMs, tags } = recordOf(group)
    return { name: String(name ?? ''), everyMs, tags: Array.isArray(tags) ? tags.map(recordOf) : [] }
  })
}

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}

/**
 * The start of a definition: the protocol, and a group with one tag for a source. A part that needs a kind, such as the
 * signal of the simulator, starts with its usual one: a new definition without an address has no mistake.
 */
export function begunText(kind: 'source' | 'sink', protocol: string): string {
  const groups =
    kind === 'source' ? '\ngroups:\n  - name: main\n    everyMs: 1000\n    tags:\n      - { name: tag_1 }\n' : '\n'
  const begun = `name: ${protocol}-1\nprotocol: ${protocol}\nconnection: {}${groups}`
  const fields = kind === 'source' ? (shapeOf(kind, protocol)?.tag ?? []) : []
  return fields.reduce((text, { name, variants = [] }) => {
    const usual = variants.find((variant) => variant.kind === USUAL_VARIANT) ?? variants[0]
    return usual ? withValue(text, ['groups', 0, 'tags', 0, name], variantValue(usual, undefined)) : text
  }, begun)
}

/** It moves, so that a person sees a curve. */
const USUAL_VARIANT = 'sine'

/** The text with another protocol. The connection and the tags of the earlier one mean nothing there, so they go. */
export function withProtocol(text: string, kind: 'source' | 'sink', protocol: string): string {
  const before = contentOf(text)
  if (before?.protocol === protocol) return text
  const name = before?.valueAt(['name'])
  const begun = begunText(kind, protocol)
  const isOwnName = typeof name === 'string' && name !== `${before?.protocol}-1`
  return isOwnName ? withValue(begun, ['name'], name) : begun
}

/** The text with another value at the path; without it, if the value is undefined. */
export function withValue(text: string, path: Path, value: unknown): string {
  const document = parseDocument(text)
  if (document.errors.length > 0) return text
  if (value === undefined) document.deleteIn(path)
  else document.setIn(path, typeof value === 'object' ? document.createNode(value, { flow: true }) : value)
  return document.toString({ lineWidth: 140 })
}

/** The text with one more tag at the end of a group. */
export function withTag(text: string, group: number): string {
  const { tags = [], groups = [] } = contentOf(text) ?? {}
  const taken = new Set(tags.map(({ tag }) => tag.name))
  let number = tags.length + 1
  while (taken.has(`tag_${number}`)) number += 1
  const document = parseDocument(text)
  if (groups.length === 0) document.set('groups', document.createNode([{ name: 'main', everyMs: 1_000, tags: [] }]))
  const at = ['groups', group, 'tags']
  if (!isSeq(document.getIn(at))) document.setIn(at, document.createNode([]))
  document.addIn(at, document.createNode({ name: `tag_${number}` }, { flow: true }))
  return document.toString({ lineWidth: 140 })
}

/** The text without the tag at the path. */
export const withoutTag = (text: string, path: Path): string => withValue(text, path, undefined)

/** A value as the form shows it: a structure as short YAML. */
export function shownValue(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return String(value)
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}

/** The value of what a person typed. An unfinished number or structure stays a text, which the checks then reject. */
export function typedValue(kind: FormField['kind'], typed: string): unknown {
  const text = typed.trim()
  if (text === '') return undefined
  switch (kind) {
    case 'integer':
    case 'number':
      return Number.isFinite(Number(text)) ? Number(text) : text
    case 'switch':
      return text === 'true'
    case 'choice':
    case 'structure':
    case 'variant':
      return parsed(text)
    case 'secret':
      return { secret: text }
    case 'text':
      return text
  }
}

/** Numbers with which a signal can be seen at once. A person changes them. */
const BEGUN: Readonly<Record<string, number>> = {
  mean: 50,
  amplitude: 10,
  periodSeconds: 60,
  from: 0,
  to: 100,
  start: 50,
  step: 1,
  min: 0,
  max: 100,
  value: 1,
}

/** The value of another variant. Parts of the same name stay. */
export function variantValue({ kind, fields }: FormVariant, before: unknown): Record<string, unknown> {
  const kept = recordOf(before)
  return { kind, ...Object.fromEntries(fields.map(({ name }) => [name, kept[name] ?? BEGUN[name] ?? ''])) }
}

/** The value with another part, or without it. */
export function variantPart(value: unknown, name: string, part: unknown): Record<string, unknown> {
  const { [name]: _before, ...others } = recordOf(value)
  return part === undefined ? others : { ...recordOf(value), [name]: part }
}

/** The part of a value; undefined if it has none. */
export const partOf = (value: unknown, name: string): unknown => recordOf(value)[name]

function parsed(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return text
  }
}
