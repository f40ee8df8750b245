/** The table of audit export: one receiver for each organisation. */
import type { SyslogState, SyslogTarget } from '@skerry/contract/audit/audit-export'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

export type SyslogTable = {
  organisation_id: OrganisationId
  target: Json<SyslogTarget>
  /** The encrypted private key (encryption/vault.ts). */
  private_key: string | null
  /** The number of changes of the settings. Records that an earlier receiver got do not count for this one. */
  revision: number
  sent_sequence: number
  /** The last checkpoint, by the record that it signs. */
  sent_checkpoint: number
  sent_at_ms: number | null
  problem: Json<NonNullable<SyslogState['problem']>> | null
}

export type SyslogTables = { syslog_exports: SyslogTable }
