/** PostgreSQL server: checks whether the hub can keep its invariants on this database. */
import { type Kysely, sql } from 'kysely'

export type ServerProblem = 'database_too_old' | 'database_unfit'

/** 15 is the oldest version that the tests use and that Debian still includes. */
const VERSION_MIN = 150_000

type Facts = { version: number; shown: string; encoding: string; schema: string | null; isReadOnly: boolean }

/** The problem with the server; undefined if there is none. */
export async function problemOfServer(
  db: Kysely<unknown>,
): Promise<{ ok: false; code: ServerProblem; message: string } | undefined> {
  const { rows } = await sql<Facts>`select
    current_setting('server_version_num')::int as version, current_setting('server_version') as shown,
    current_setting('server_encoding') as encoding, current_schema()::text as schema,
    pg_is_in_recovery() as "isReadOnly"`.execute(db)
  const [facts] = rows
  if (!facts) throw new Error('the database did not report its version')
  const { version, shown, encoding, schema, isReadOnly } = facts
  if (version < VERSION_MIN) {
    return { ok: false, code: 'database_too_old', message: `PostgreSQL ${shown} is too old; use 15 or newer` }
  }
  const unfit = (message: string) => ({ ok: false as const, code: 'database_unfit' as const, message })
  if (encoding !== 'UTF8') {
    return unfit(`the database is encoded in ${encoding}; create one with "createdb -E UTF8 -T template0 skerry"`)
  }
  if (schema === null) return unfit('no schema of the search path exists; create one, or name another one in the URL')
  if (isReadOnly) return unfit('this PostgreSQL is a standby and accepts no writes; give the address of the primary')
  return undefined
}
