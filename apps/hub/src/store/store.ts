/**
 * Store: the hub's records, in a SQLite file or in PostgreSQL. One conformance suite (store-conformance.test.ts) holds for both, so queries
 * use only what both have.
 *
 * Reads go through `db` and see what has been committed; every change goes through `transaction`, one after another over
 * all hubs of a database, and is durable when it returns. `db` refuses to write, so nobody can change a record outside a transaction by mistake.
 */
import type { Kysely, Transaction } from 'kysely'
import type { ApprovalTables } from './approval-tables.ts'
import type { AuditTables } from './audit-tables.ts'
import type { AuthorityTables } from './authority-tables.ts'
import type { BatchTables } from './batch-tables.ts'
import type { ConnectionTables } from './connection-tables.ts'
import type { DeploymentTables } from './deployment-tables.ts'
import type { DeviceEventTables } from './device-event-tables.ts'
import type { DeviceJournalTables } from './device-journal-tables.ts'
import type { DeviceLinkTables } from './device-link-tables.ts'
import type { FoundationTables } from './foundation-tables.ts'
import type { HubTables } from './hub-tables.ts'
import type { IncomingTables } from './incoming-tables.ts'
import type { IntrusionTables } from './intrusion-tables.ts'
import type { JoiningTables } from './joining-tables.ts'
import type { LedgerTables } from './ledger-tables.ts'
import type { LineageTables } from './lineage-tables.ts'
import type { PeopleTables } from './people-tables.ts'
import type { RoleTables } from './role-tables.ts'
import type { SecretTables } from './secret-tables.ts'
import type { SessionTables } from './session-tables.ts'
import type { SyslogTables } from './syslog-tables.ts'
import type { TelemetryTables } from './telemetry-tables.ts'
import type { TenantTables } from './tenant-tables.ts'
import type { TrustTables } from './trust-tables.ts'

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
