/** Device time: the time at which a device wrote a record about itself, which may be long before the hub received it. */
import type { AuditRecord } from '@skerry/contract/audit/audit'

/** [device-journal.ts in contract] Its schemas would load on the first page of the console. */
const LOCAL_ACTION = 'local.'

/** A record usually arrives within this time, and then both times are the same to a person. */
const SAME_MS = 5_000

/** Undefined for other records, and if the record arrived at once. */
export function deviceTimeOf({ action, atMs, detail }: Pick<AuditRecord, 'action' | 'atMs' | 'detail'>) {
  const entry = action.startsWith(LOCAL_ACTION) ? entryOf(detail) : undefined
  if (typeof entry?.atMs !== 'number') return undefined
  return Math.abs(entry.atMs - atMs) < SAME_MS ? undefined : entry.atMs
}

type Entry = { atMs?: unknown; detail?: unknown }

/** The entry of the device's journal in a record, without a check: people read it, and the hub has verified it. */
export function entryOf({ entry }: AuditRecord['detail']): Entry | undefined {
  return typeof entry === 'object' && entry !== null ? (entry as Entry) : undefined
}
