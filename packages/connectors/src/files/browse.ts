/** Files browse: the columns of a CSV file, or the places in JSON lines, with what the newest lines have there. */
import { type FileHandle, open } from 'node:fs/promises'
import { SourceTrouble } from '@skerry/connectors/session'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { FilesConnection } from '@skerry/contract/sources/protocols/source-files'
import { childrenOf, hasChildren, isBranch, saidOf } from '@skerry/core/equipment/json-places'
import { csvRecord, type Fields, fieldsOf } from './line.ts'

/** Lines of a minute or so; a heading of a thousand columns fits as well. */
const BYTES_MAX = 65_536

/** What came last says what a field holds. */
const LINES_MAX = 200

/** [packages/contract/src/sources/protocols/source-files.ts] Of an address. */
const NAME_MAX = 250

type Field = { values: unknown[]; isFolder: boolean; isTag: boolean }

/** Throws `SourceTrouble` where the file cannot be read. */
export async function browseFile(connection: FilesConnection, path: string): Promise<BrowseEntry[]> {
  const { heading, lines } = await newestOf(connection)
  const fields = connection.format === 'csv' ? columnsOf(connection, heading, lines) : placesOf(connection, path, lines)
  return [...fields].map(([name, field]) => entryOf(name, field))
}

type Newest = { heading: string; lines: string[] }

/** The newest line first. */
async function newestOf({ path, format, columns }: FilesConnection): Promise<Newest> {
  try {
    await using handle = await open(path, 'r')
    const { size } = await handle.stat()
    const first = await textAt(handle, 0)
    const from = Math.max(0, size - BYTES_MAX)
    // Behind the last end of a line is one that is not finished.
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

/** What any of the lines has there. */
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

/** Two ways of dots may lead to two places, of which a tag has one. */
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

/** What a tag makes a number of is shown as one. */
const plainOf = (value: unknown) => (typeof value === 'string' && !Number.isNaN(Number(value)) ? Number(value) : value)

/** Numbers, where nothing is said. */
function typeOf(values: readonly unknown[]): { type?: 'bool' | 'string' } {
  if (values.every((value) => typeof value !== 'boolean' && !Number.isNaN(Number(value)))) return {}
  return values.every((value) => TRUTHS.has(String(value).toLowerCase())) ? { type: 'bool' } : { type: 'string' }
}

const TRUTHS: ReadonlySet<string> = new Set(['true', 'false', 'yes', 'no', 'on', 'off'])
