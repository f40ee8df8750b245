/**
 * Store: the hub's records. SQLite today; PostgreSQL joins behind the same interface and the same conformance suite
 * (store-conformance.test.ts), so queries use only what both have.
 *
 * Reads go through `db` and see what has been committed; every change goes through `transaction`, one after another, and is durable
 * (synchronous FULL) when it returns. `db` refuses to write, so nobody can change a record outside a transaction by mistake.
 */
import type { Kysely, Transaction } from 'kysely'
import type { DeploymentTables } from './deployment-tables.ts'
import type { FoundationTables } from './foundation-tables.ts'
import type { SessionTables } from './session-tables.ts'

/** All tables. A migration that adds some adds its own type here. */
export type Tables = FoundationTables & DeploymentTables & SessionTables

/** What queries take that only read: the store's `db`, or a transaction. */
export type Db = Kysely<Tables>

/** What queries take that change something. */
export type Tx = Transaction<Tables>

export type Store = AsyncDisposable & {
  readonly db: Db
  /** Runs the work alone; all of it is kept, or, when it throws, nothing. Await no network, file or worker inside. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Whether a record can be written now; the reason where not. For `/readyz`. */
  probe(): Promise<{ ok: true } | { ok: false; message: string }>
}
