/** The tables of the audit trail beside its records: what the hub has signed of it, and with which keys. */
import type { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'

export type AuditCheckpointTable = {
  organisation_id: OrganisationId
  sequence: number
  hash: Digest
  at_ms: number
  key_id: string
  signature: string
}

/** Public keys only. The newest is the present one. */
export type AuditKeyTable = { key_id: string; public_key_pem: string; created_at_ms: number }

/** What was removed from `audit_records` once it was archived. Never changed: it is what the records that are left follow. */
export type AuditArchiveTable = {
  organisation_id: OrganisationId
  first_sequence: number
  sequence: number
  hash: Digest
  digest: Digest
  at_ms: number
  key_id: string
  signature: string
}

export type AuditRetentionTable = { organisation_id: OrganisationId; keep_days: number }

export type AuditTables = {
  audit_checkpoints: AuditCheckpointTable
  audit_keys: AuditKeyTable
  audit_archives: AuditArchiveTable
  audit_retention: AuditRetentionTable
}
