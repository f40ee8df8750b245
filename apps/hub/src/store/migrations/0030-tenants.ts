/**
 * 0030: what whoever runs the hub decides about an organisation, and how much each uses. The database counts by itself, so that no way in or
 * out can be forgotten, and asking costs one row however large a fleet is.
 */
import { type Kysely, PostgresAdapter, sql } from 'kysely'

export async function tenants(db: Kysely<unknown>): Promise<void> {
  for (const column of COLUMNS) {
    await db.schema
      .alterTable('organisations')
      .addColumn(column, column === 'disabled_reason' ? 'text' : 'bigint')
      .execute()
  }
  await db.schema
    .createTable('organisation_use')
    .addColumn('organisation_id', 'text', (column) => column.primaryKey().references('organisations.id'))
    .addColumn('devices', 'bigint', (column) => column.notNull())
    .addColumn('storage_bytes', 'bigint', (column) => column.notNull())
    .execute()
  await sql`insert into organisation_use (organisation_id, devices, storage_bytes)
    select id, (select count(*) from devices where organisation_id = organisations.id),
      (select coalesce(sum(size_bytes), 0) from blobs where organisation_id = organisations.id)
    from organisations`.execute(db)
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  for (const count of COUNTS) await (isPostgres ? countOnPostgres(db, count) : countOnSqlite(db, count))
}

const COLUMNS = [
  'disabled_at_ms',
  'disabled_reason',
  'removed_at_ms',
  'purged_at_ms',
  'devices_max',
  'storage_bytes_max',
  'requests_per_minute_max',
]

const addTo = (column: string, amount: string, row: 'new' | 'old') =>
  `update organisation_use set ${column} = ${column} ${row === 'new' ? '+' : '-'} ${amount} where organisation_id = ${row}.organisation_id`

/** On which change of which table what is done; the names of the triggers follow. */
const COUNTS = [
  {
    ...{ table: 'organisations', event: 'insert' },
    work: 'insert into organisation_use (organisation_id, devices, storage_bytes) values (new.id, 0, 0)',
  },
  { table: 'devices', event: 'insert', work: addTo('devices', '1', 'new') },
  { table: 'devices', event: 'delete', work: addTo('devices', '1', 'old') },
  { table: 'blobs', event: 'insert', work: addTo('storage_bytes', 'new.size_bytes', 'new') },
  { table: 'blobs', event: 'delete', work: addTo('storage_bytes', 'old.size_bytes', 'old') },
] as const

type Count = (typeof COUNTS)[number]

async function countOnSqlite(db: Kysely<unknown>, { table, event, work }: Count): Promise<void> {
  const name = sql.ref(`${table}_${event}_counted`)
  await sql`create trigger ${name} after ${sql.raw(event)} on ${sql.table(table)} begin ${sql.raw(work)}; end`.execute(
    db,
  )
}

async function countOnPostgres(db: Kysely<unknown>, { table, event, work }: Count): Promise<void> {
  const name = sql.ref(`${table}_${event}_counted`)
  const body = sql.lit(`begin ${work}; return null; end`)
  await sql`create function ${name}() returns trigger language plpgsql as ${body}`.execute(db)
  await sql`create trigger ${name} after ${sql.raw(event)} on ${sql.table(table)}
    for each row execute function ${name}()`.execute(db)
}
