/**
 * Store: the hub's records, in a SQLite file or in PostgreSQL. One conformance suite (store-conformance.test.ts) tests
 * both, so queries use only features of both.
 *
 * Reads go through `db` and see committed data. Every change goes through `transaction`. Transactions run one after
 * another over all hubs of a database, and are durable when they return. `db` rejects writes, so that nobody changes a
 * record outside a transaction by mistake.
 */
import type { Kysely, Transaction } from 'kysely'
import type { AccessSessionTables } from './tables/access/access-session-tables.ts'
import type { ApprovalTables } from './tables/access/approval-tables.ts'
import type { AuthorityTables } from './tables/access/authority-tables.ts'
import type { JoiningTables } from './tables/access/joining-tables.ts'
import type { PeopleTables } from './tables/access/people-tables.ts'
import type { RoleTables } from './tables/access/role-tables.ts'
import type { SessionTables } from './tables/access/session-tables.ts'
import type { TenantTables } from './tables/access/tenant-tables.ts'
import type { TrustTables } from './tables/access/trust-tables.ts'
import type { AlertAnswerTables } from './tables/alerts/alert-tables.ts'
import type { AuditTables } from './tables/audit-tables.ts'
import type { BatchTables } from './tables/batch-tables.ts'
import type { BuildTables } from './tables/build-tables.ts'
import type { CaptureTables } from './tables/capture-tables.ts'
import type { TestReportTables } from './tables/checks/test-report-tables.ts'
import type { ConnectionTables } from './tables/connection-tables.ts'
import type { DdiTables } from './tables/ddi/ddi-tables.ts'
import type { DeploymentTables } from './tables/deployment-tables.ts'
import type { DeviceEventTables } from './tables/device-event-tables.ts'
import type { DeviceJournalTables } from './tables/device-journal-tables.ts'
import type { DeviceLinkTables } from './tables/device-link-tables.ts'
import type { PairTables } from './tables/devices/pair-tables.ts'
import type { SettingsTables } from './tables/devices/settings-tables.ts'
import type { FoundationTables } from './tables/foundation-tables.ts'
import type { HubTables } from './tables/hub-tables.ts'
import type { IncomingTables } from './tables/incoming-tables.ts'
import type { IntrusionTables } from './tables/intrusion-tables.ts'
import type { CampaignTables } from './tables/learning/campaign-tables.ts'
import type { LearningTables } from './tables/learning/learning-tables.ts'
import type { LedgerTables } from './tables/ledger-tables.ts'
import type { LineageTables } from './tables/lineage-tables.ts'
import type { MarketTables } from './tables/market/market-tables.ts'
import type { MonitorTables } from './tables/monitor-tables.ts'
import type { PlaceTables } from './tables/place-tables.ts'
import type { RegistryTables } from './tables/registry/registry-tables.ts'
import type { SecretTables } from './tables/secret-tables.ts'
import type { SyslogTables } from './tables/syslog-tables.ts'
import type { GitSourceTables } from './tables/systems/git-source-tables.ts'
import type { ModelFeedTables } from './tables/systems/model-feed-tables.ts'
import type { SystemTables } from './tables/systems/system-tables.ts'
import type { TelemetryTables } from './tables/telemetry-tables.ts'
import type { TrafficTables } from './tables/traffic/traffic-tables.ts'
import type { VulnerabilityTables } from './tables/vulnerabilities/vulnerability-tables.ts'

/** All tables. A migration that adds tables adds its own type here. */
export type Tables = FoundationTables &
  DeploymentTables &
  SessionTables &
  DeviceEventTables &
  DeviceJournalTables &
  DeviceLinkTables &
  DdiTables &
  LineageTables &
  LearningTables &
  SettingsTables &
  LedgerTables &
  BatchTables &
  BuildTables &
  CampaignTables &
  CaptureTables &
  MonitorTables &
  GitSourceTables &
  ModelFeedTables &
  MarketTables &
  PairTables &
  PlaceTables &
  RegistryTables &
  HubTables &
  IncomingTables &
  SecretTables &
  ConnectionTables &
  AuditTables &
  AuthorityTables &
  JoiningTables &
  IntrusionTables &
  SyslogTables &
  SystemTables &
  TrafficTables &
  AlertAnswerTables &
  PeopleTables &
  TrustTables &
  RoleTables &
  ApprovalTables &
  AccessSessionTables &
  TelemetryTables &
  VulnerabilityTables &
  TestReportTables &
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
