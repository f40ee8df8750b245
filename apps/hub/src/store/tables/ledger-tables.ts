/** The tables of the ledger: the identity of the database, and what the ledger beside the model files is made from. */
import type { Digest } from '@skerry/contract/values/digest'
import type { Json } from '../json-column.ts'
import type { ONLY } from './hub-tables.ts'

/** Model files that need a person: another database owns them, or this one does not know them. */
export type FileTrouble = {
  kind: 'foreign' | 'strays' | 'halted'
  count: number
  files: number
  sinceMs: number
}

export type HubLedgerTable = {
  id: typeof ONLY
  database_id: string
  /** Raised before the ledger is written with the same number. */
  sequence: number
  /** When a hub found that this database is an older backup. */
  restored_at_ms: number | null
  trouble: Json<FileTrouble> | null
}

/** Devices and join tokens that were deleted: a backup still has them. */
export type EndedRecordTable = { id: string }

/** Bytes that nothing refers to. They stay where they are for some days, in case somebody wants them back. */
export type RemovedBlobTable = { digest: Digest; removed_at_ms: number }

export type LedgerTables = {
  hub_ledger: HubLedgerTable
  ended_records: EndedRecordTable
  removed_blobs: RemovedBlobTable
}
