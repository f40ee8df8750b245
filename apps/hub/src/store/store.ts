/**
 * Store: the hub's records, in a SQLite file or in PostgreSQL. One conformance suite (store-conformance.test.ts) tests
 * both, so queries use only features of both.
 *
 * Reads go through `db` and see committed data. Every change goes through `transaction`. Transactions run one after
 * another over all hubs of a database, and are durable when they return. `db` rejects writes, so that nobody changes a
 * record outside a transaction by mistake.
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

/** All tables. A migration that adds tables adds its own type here. */
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

/** The argument of queries that only read: the store's `db`, or a transaction. */
export type Db = Kysely<Tables>

/** The argument of queries that change records. */
export type Tx = Transaction<Tables>

export type Store = AsyncDisposable & {
  readonly db: Db
  /** Runs the work alone. All of it is stored, or none if it throws. Await no network, file or worker inside. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** Checks whether a record can be written now; if not, says why. For `/readyz`. */
  probe(): Promise<{ ok: true } | { ok: false; message: string }>
  /** The size of the database. */
  bytes(): Promise<{ databaseBytes: number; journalBytes: number }>
}
