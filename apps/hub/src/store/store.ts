/**
 * Store: the hub's records, in a SQLite file or in PostgreSQL. One conformance suite (store-conformance.test.ts) holds for both, so queries
 * use only what both have.
 *
 * Reads go through `db` and see what has been committed; every change goes through `transaction`, one after another over
 * all hubs of a database, and is durable when it returns. `db` refuses to write, so nobody can change a record outside a transaction by mistake.
 */
import type { Kysely, Transaction } from 'kysely'
import type { ApprovalTables } from './tables/access/approval-tables.ts'
import type { AuthorityTables } from './tables/access/authority-tables.ts'
import type { JoiningTables } from './tables/access/joining-tables.ts'
import type { PeopleTables } from './tables/access/people-tables.ts'
import type { RoleTables } from './tables/access/role-tables.ts'
import type { SessionTables } from './tables/access/session-tables.ts'
import type { TenantTables } from './tables/access/tenant-tables.ts'
import type { TrustTables } from './tables/access/trust-tables.ts'
import type { AuditTables } from './tables/audit-tables.ts'
import type { BatchTables } from './tables/batch-tables.ts'
import type { ConnectionTables } from './tables/connection-tables.ts'
import type { DeploymentTables } from './tables/deployment-tables.ts'
import type { DeviceEventTables } from './tables/device-event-tables.ts'
import type { DeviceJournalTables } from './tables/device-journal-tables.ts'
import type { DeviceLinkTables } from './tables/device-link-tables.ts'
import type { FoundationTables } from './tables/foundation-tables.ts'
import type { HubTables } from './tables/hub-tables.ts'
import type { IncomingTables } from './tables/incoming-tables.ts'
import type { IntrusionTables } from './tables/intrusion-tables.ts'
import type { LedgerTables } from './tables/ledger-tables.ts'
import type { LineageTables } from './tables/lineage-tables.ts'
import type { SecretTables } from './tables/secret-tables.ts'
import type { SyslogTables } from './tables/syslog-tables.ts'
import type { TelemetryTables } from './tables/telemetry-tables.ts'

/** All tables. A migration that adds some adds its own type here. */
export type Tables = FoundationTables &
  DeploymentTables &
  SessionTables &
  DeviceEventTables &
  DeviceJournalTables &
  DeviceLinkTables &
  LineageTables &
  LedgerTables &
  BatchTables &
  HubTables &
  IncomingTables &
  SecretTables &
  ConnectionTables &
  AuditTables &
  AuthorityTables &
  JoiningTables &
  IntrusionTables &
  SyslogTables &
  PeopleTables &
  TrustTables &
  RoleTables &
  ApprovalTables &
  TelemetryTables &
  TenantTables

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
  /** How large the database is. */
  bytes(): Promise<{ databaseBytes: number; journalBytes: number }>
}
