/** SQL browse: what the groups' queries give, and below it which schemas, tables and columns there are that may be read. */
import { SourceTrouble } from '@skerry/connectors/session'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import type { Rows, Wire } from './wire.ts'

/** More than a person looks through; a database has some thousand tables. */
const ENTRIES_MAX = 10_000

export type AskedGroup = { name: string; query: string; values: readonly string[] }

/** `query GROUP`, `SCHEMA`, `SCHEMA.TABLE`, with names in quotes where SQL has them so. Throws `SourceTrouble`. */
export async function browseDatabase(wire: Wire, groups: readonly AskedGroup[], path: string): Promise<BrowseEntry[]> {
  if (path === '') return [...groups.map(folderOf), ...(await schemasOf(wire))]
  const group = groups.find(({ name }) => path === queryPath(name))
  if (group) return givenBy(wire, group)
  const [schema, table, ...more] = namesIn(path) ?? []
  if (schema === undefined || more.length > 0) return []
  return table === undefined ? tablesOf(wire, schema) : columnsOf(wire, schema, table)
}

const queryPath = (group: string) => `query ${group}`

const folderOf = ({ name }: AskedGroup): BrowseEntry => ({
  path: queryPath(name),
  label: `what the query of group ${name} gives`,
  isFolder: true,
})

/** Of one row, which is enough to know the columns. */
async function givenBy(wire: Wire, { name, query, values }: AskedGroup): Promise<BrowseEntry[]> {
  const given = await rowsOf(wire, { query, values, rowsMax: 1 })
  const oids = [...new Set(given.types)].join(',')
  const named = await rowsOf(wire, { query: TYPES, values: [oids], rowsMax: ENTRIES_MAX })
  const types = new Map(named.rows.map(([oid, type]) => [Number(oid), type ?? '']))
  return given.columns.map((column, place) => ({
    path: `${queryPath(name)}.${place + 1}`,
    isFolder: false,
    tag: { address: column },
    label: `${column}: ${types.get(given.types[place] ?? 0) ?? 'unknown'}`,
  }))
}

const TYPES = `select oid::text, format_type(oid, null) from pg_catalog.pg_type where oid::text = any (string_to_array($1, ','))`

async function schemasOf(wire: Wire): Promise<BrowseEntry[]> {
  const { rows } = await rowsOf(wire, { query: SCHEMAS, values: [], rowsMax: ENTRIES_MAX })
  return rows.map(([name]) => ({ path: pathOf(name ?? ''), label: name ?? '', isFolder: true }))
}

/** Tables, views, materialised views, foreign tables, partitioned tables: of which any column may be read. */
const READABLE = `c.relkind in ('r', 'v', 'm', 'f', 'p') and has_any_column_privilege(c.oid, 'select')`

const SCHEMAS = `select n.nspname::text from pg_catalog.pg_namespace n
  where n.nspname <> 'information_schema' and n.nspname !~ '^pg_' and has_schema_privilege(n.oid, 'usage')
  and exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid and ${READABLE}) order by 1`

async function tablesOf(wire: Wire, schema: string): Promise<BrowseEntry[]> {
  const { rows } = await rowsOf(wire, { query: TABLES, values: [schema], rowsMax: ENTRIES_MAX })
  return rows.map(([name]) => ({ path: pathOf(schema, name ?? ''), label: name ?? '', isFolder: true }))
}

const TABLES = `select c.relname::text from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and has_schema_privilege(n.oid, 'usage') and ${READABLE} order by 1`

/** First how a group asks for the table, which its columns need. */
async function columnsOf(wire: Wire, schema: string, table: string): Promise<BrowseEntry[]> {
  const { rows } = await rowsOf(wire, { query: COLUMNS, values: [schema, table], rowsMax: ENTRIES_MAX })
  if (rows.length === 0) return []
  const query = `query: select * from ${quoted(schema)}.${quoted(table)}`
  const columns = rows.map(([name, type]) => ({
    path: pathOf(schema, table, name ?? ''),
    label: `${name}: ${type}`,
    isFolder: false,
    tag: { address: name ?? '' },
  }))
  return [{ path: `query of ${pathOf(schema, table)}`, label: query, isFolder: false }, ...columns]
}

const COLUMNS = `select a.attname::text, format_type(a.atttypid, a.atttypmod) from pg_catalog.pg_attribute a
  join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and ${READABLE} and a.attnum > 0 and not a.attisdropped
  and has_column_privilege(c.oid, a.attnum, 'select') order by a.attnum`

type Asked = { query: string; values: readonly string[]; rowsMax: number }

async function rowsOf(wire: Wire, { query, values, rowsMax }: Asked): Promise<Rows> {
  const answer = await wire.query(query, values, rowsMax)
  if (!answer.ok) throw new SourceTrouble('source_lost', answer.message)
  return answer
}

/** [PostgreSQL 4.1.1] */
const PLAIN = /^[a-z_][a-z0-9_]*$/
const NAME = /^(?:"((?:[^"]|"")+)"|([a-z_][a-z0-9_]*))(?:\.|$)/

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const pathOf = (...names: string[]) => names.map((name) => (PLAIN.test(name) ? name : quoted(name))).join('.')

/** Undefined where it is no path of names. */
function namesIn(path: string): string[] | undefined {
  const names: string[] = []
  for (let rest = path; rest !== ''; ) {
    const [whole = '', inQuotes, plain = ''] = NAME.exec(rest) ?? []
    if (whole === '') return undefined
    names.push(inQuotes?.replaceAll('""', '"') ?? plain)
    rest = rest.slice(whole.length)
  }
  return names
}
