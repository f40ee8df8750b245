/**
 * Organisation use: the use of each organisation. Triggers count it, so that no change can be forgotten. A query reads
 * one row for any size of fleet.
 */
import { type Kysely, PostgresAdapter, sql } from 'kysely'
import { onePerOrganisation, required } from './columns.ts'

/** Runs after the counted tables are created. */
export async function organisationUse(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('organisation_use')
    .addColumn('organisation_id', 'text', onePerOrganisation)
    .addColumn('devices', 'bigint', required)
    .addColumn('storage_bytes', 'bigint', required)
    .execute()
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter
  for (const count of COUNTS) await (isPostgres ? countOnPostgres(db, count) : countOnSqlite(db, count))
}

const addTo = (column: string, amount: string, row: 'new' | 'old') =>
  `update organisation_use set ${column} = ${column} ${row === 'new' ? '+' : '-'} ${amount} where organisation_id = ${row}.organisation_id`

const BEGIN = 'insert into organisation_use (organisation_id, devices, storage_bytes) values (new.id, 0, 0)'

/** The change of the count after each change of a table; the names of the triggers are made from it. */
const COUNTS = [
  { table: 'organisations', event: 'insert', work: BEGIN },
  { table: 'devices', event: 'insert', work: addTo('devices', '1', 'new') },
  { table: 'devices', event: 'delete', work: addTo('devices', '1', 'old') },
  { table: 'blobs', event: 'insert', work: addTo('storage_bytes', 'new.size_bytes', 'new') },
  { table: 'blobs', event: 'delete', work: addTo('storage_bytes', 'old.size_bytes', 'old') },
] as const

type Count = (typeof COUNTS)[number]

async function countOnSqlite(db: Kysely<unknown>, { table, event, work }: Count): Promise<void> {
  const name = `${table}_${event}_counted`
  await sql.raw(`create trigger ${name} after ${event} on ${table} begin ${work}; end`).execute(db)
}

async function countOnPostgres(db: Kysely<unknown>, { table, event, work }: Count): Promise<void> {
  const name = `${table}_${event}_counted`
  const body = `begin ${work}; return null; end`
  await sql.raw(`create function ${name}() returns trigger language plpgsql as $$${body}$$`).execute(db)
  await sql.raw(`create trigger ${name} after ${event} on ${table} for each row execute function ${name}()`).execute(db)
}
