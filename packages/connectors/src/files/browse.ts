/** Files browse: the columns of a CSV file, or the paths in JSON lines, with their content in the newest lines. */
import { type FileHandle, open } from 'node:fs/promises'
import { SourceTrouble } from '@skerry/connectors/session'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { FilesConnection } from '@skerry/contract/sources/protocols/source-files'
import { childrenOf, hasChildren, isBranch, saidOf } from '@skerry/core/equipment/json-places'
import { csvRecord, type Fields, fieldsOf } from './line.ts'

/** In bytes: lines of about a minute. A heading of a thousand columns fits too. */
const BYTES_MAX = 65_536

/** The newest lines show the content of a field. */
const LINES_MAX = 200

/** [packages/contract/src/sources/protocols/source-files.ts] The limit of an address. */
const NAME_MAX = 250

type Field = { values: unknown[]; isFolder: boolean; isTag: boolean }

/** Throws `SourceTrouble` if the file cannot be read. */
export async function browseFile(connection: FilesConnection, path: string): Promise<BrowseEntry[]> {
  const { heading, lines } = await newestOf(connection)
  const fields = connection.format === 'csv' ? columnsOf(connection, heading, lines) : placesOf(connection, path, lines)
  return [...fields].map(([name, field]) => entryOf(name, field))
}

type Newest = { heading: string; lines: string[] }

/** The lines, with the newest first. */
async function newestOf({ path, format, columns }: FilesConnection): Promise<Newest> {
  try {
    await using handle = await open(path, 'r')
    const { size } = await handle.stat()
    const first = await textAt(handle, 0)
    const from = Math.max(0, size - BYTES_MAX)
    // The text after the last line end is an unfinished line.
    const finished = (await textAt(handle, from)).split(/\r?\n/).slice(from === 0 ? 0 : 1, -1)
    const isHeaded = format === 'csv' && columns === undefined
    const lines = finished.slice(isHeaded && from === 0 ? 1 : 0).filter((line) => line.trim() !== '')
    return { heading: isHeaded ? (/^(.*?)\r?\n/.exec(first)?.[1] ?? '') : '', lines: lines.slice(-LINES_MAX).reverse() }
  } catch (cause) {
    throw new SourceTrouble('source_lost', `cannot read ${path} (${String(cause)})`, { cause })
  }
}

async function textAt(handle: FileHandle, position: number): Promise<string> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(BYTES_MAX), 0, BYTES_MAX, position)
  return buffer.subarray(0, bytesRead).toString('utf8')
}

function columnsOf(connection: FilesConnection, heading: string, lines: readonly string[]): Map<string, Field> {
  const columns = connection.columns ?? csvRecord(heading, connection.separator) ?? []
  const read = lines.flatMap((line) => fieldsOf(line, connection, columns) ?? [])
  const valuesOf = (name: string) => read.map((fields) => fields.get(name)).filter((value) => isSaid(value))
  return new Map(columns.map((name) => [name, { values: valuesOf(name), isFolder: false, isTag: true }]))
}

/** All paths that any of the lines has. */
function placesOf(connection: FilesConnection, path: string, lines: readonly string[]): Map<string, Field> {
  const found = new Map<string, Field>()
  for (const line of lines) {
    const fields = fieldsOf(line, connection, [])
    for (const [step, value] of childrenOf(path === '' ? wholeOf(line) : fields?.get(path))) {
      const name = path === '' ? String(step) : `${path}.${step}`
      found.set(name, alsoWith(found.get(name) ?? NOTHING, value, leadsTo(fields, name, value)))
    }
  }
  return found
}

const NOTHING: Field = { values: [], isFolder: false, isTag: false }

function alsoWith(field: Field, value: unknown, isThere: boolean): Field {
  if (isBranch(value)) return { ...field, isFolder: field.isFolder || hasChildren(value) }
  return {
    ...field,
    values: isSaid(value) ? [...field.values, value] : field.values,
    isTag: field.isTag || isThere,
  }
}

const isSaid = (value: unknown) => value !== undefined && value !== null && value !== ''

/** Two paths with dots may lead to different fields. A tag has only one of them. */
const leadsTo = (fields: Fields, name: string, value: unknown) => fields?.get(name) === value

function wholeOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function entryOf(name: string, { values, isFolder, isTag }: Field): BrowseEntry {
  const label = values.length === 0 ? name : saidOf(name, plainOf(values[0]))
  const isAddress = isTag && name !== '' && name.length <= NAME_MAX
  return { path: name, label, isFolder, ...(isAddress ? { tag: { address: name, ...typeOf(values) } } : {}) }
}

/** A text that a tag would convert to a number is shown as a number. */
const plainOf = (value: unknown) => (typeof value === 'string' && !Number.isNaN(Number(value)) ? Number(value) : value)

/** The type is number if none is given. */
function typeOf(values: readonly unknown[]): { type?: 'bool' | 'string' } {
  if (values.every((value) => typeof value !== 'boolean' && !Number.isNaN(Number(value)))) return {}
  return values.every((value) => TRUTHS.has(String(value).toLowerCase())) ? { type: 'bool' } : { type: 'string' }
}

const TRUTHS: ReadonlySet<string> = new Set(['true', 'false', 'yes', 'no', 'on', 'off'])
