/** Tag rows: the tags of a source as a table has them, and as CSV. What a source says is kept as it was written, so nothing here is filled in. */
import type { ConnectionSpec } from '@skerry/contract/connections/connection'
import * as z from 'zod'

const Bounds = z.looseObject({
  min: z.number().optional(),
  max: z.number().optional(),
  // A later hub may mean something else by these; the row stays.
  perMinute: z.number().optional().catch(undefined),
  verify: z.boolean().optional().catch(undefined),
  interlock: z.looseObject({ when: z.string() }).optional().catch(undefined),
})

const TagRow = z.looseObject({
  name: z.string(),
  unit: z.string().optional(),
  write: Bounds.optional(),
})

const Groups = z.array(z.looseObject({ name: z.string(), everyMs: z.number().optional(), tags: z.array(TagRow) }))

export type TagRow = {
  name: string
  group: string
  everyMs: number | undefined
  unit: string | undefined
  /** Where the equipment has it; what the simulator makes of it. */
  where: string
  write: z.infer<typeof Bounds> | undefined
  /** Everything that is said of it. */
  all: Readonly<Record<string, unknown>>
}

/** Groups as they were written; none where they are of a shape that is not known here. */
export const groupsOf = (groups: unknown): z.infer<typeof Groups> => Groups.safeParse(groups).data ?? []

/** In the order of the source. */
export function tagRowsOf(spec: ConnectionSpec): TagRow[] {
  return groupsOf(spec.groups).flatMap(({ name: group, everyMs, tags }) =>
    tags.map((tag) => ({
      name: tag.name,
      group,
      everyMs,
      unit: tag.unit,
      write: writeOf(tag),
      where: whereOf(tag),
      all: tag,
    })),
  )
}

/** A method is called, and cannot be read again. */
const writeOf = ({ write, method }: z.infer<typeof TagRow>) =>
  write !== undefined && method !== undefined ? { ...write, verify: false } : write

/** What protocols call it; they differ. */
const PLACES = ['address', 'node', 'nodeId', 'topic', 'oid', 'path', 'pointer', 'column', 'field'] as const

export function whereOf(tag: Readonly<Record<string, unknown>>): string {
  const place = PLACES.map((key) => tag[key]).find((value) => value !== undefined)
  if (typeof place === 'string' || typeof place === 'number') return String(place)
  const { signal } = tag
  if (typeof signal === 'object' && signal !== null && 'kind' in signal)
    return String('column' in signal ? signal.column : signal.kind)
  return place === undefined ? '' : JSON.stringify(place)
}

/** [RFC 4180] A line for each tag, a column for whatever any of them says; lists and objects as JSON. */
export function csvOf(rows: readonly TagRow[]): string {
  const fields = [...new Set(rows.flatMap(({ all }) => Object.keys(all)))].filter((field) => field !== 'name')
  const head = ['group', 'everyMs', 'name', ...fields]
  const lines = rows.map(({ group, everyMs, name, all }) => [group, everyMs, name, ...fields.map((key) => all[key])])
  const textOf = (cells: readonly unknown[]) => cells.map((cell, index) => cellOf(head[index] ?? '', cell)).join(',')
  return `${[head, ...lines].map(textOf).join('\r\n')}\r\n`
}

function cellOf(field: string, value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? guarded(field, value) : JSON.stringify(value)
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Columns that hold text whatever it looks like. */
export const TEXT_FIELDS: ReadonlySet<string> = new Set(['group', 'name', 'unit'])

/** What is read as a number, a flag, a list or an object. */
export const LOOKS_LIKE_JSON = /^(-?\d|true$|false$|\[|\{)/

/** [OWASP, CSV injection] A spreadsheet would take it for a formula; and what looks like a number and is none must come back as text. */
function guarded(field: string, text: string): string {
  // An empty cell says nothing.
  const isMistaken =
    text === '' || /^['=+@\t\r]|^-\D/.test(text) || (!TEXT_FIELDS.has(field) && LOOKS_LIKE_JSON.test(text))
  return isMistaken ? `'${text}` : text
}
