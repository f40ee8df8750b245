/** The table of audit export: one receiver for each organisation. */
import type { SyslogState, SyslogTarget } from '@skerry/contract/audit/audit-export'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Json } from '../json-column.ts'

export type SyslogTable = {
  organisation_id: OrganisationId
  target: Json<SyslogTarget>
  /** Encrypted (encryption/vault.ts). */
  private_key: string | null
  /** Counts the changes of what is wished: what was sent to another receiver counts for nothing here. */
  revision: number
  sent_sequence: number
  /** The last checkpoint, by the record that it vouches for. */
  sent_checkpoint: number
  sent_at_ms: number | null
  problem: Json<NonNullable<SyslogState['problem']>> | null
}

export type SyslogTables = { syslog_exports: SyslogTable }
