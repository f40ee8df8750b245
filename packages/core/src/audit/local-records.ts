/**
 * Local records: what devices wrote down about themselves, as it stands in an audit trail, verified once more by whoever has the trail: each entry by the
 * device's own key, and in the order of its journal. So that not even a hub can put words into a device's mouth.
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import {
  JOURNAL_BROKEN,
  JournalDetail,
  type JournalEntry,
  type JournalPlace,
  LOCAL_ACTION,
} from '@skerry/contract/audit/device-journal'
import type { HashText } from './audit-chain.ts'
import { orderProblem, ownProblem, placeOf } from './device-journal.ts'

export type LocalDoors = {
  hash: HashText
  isSigned(entry: JournalEntry, publicKey: string): boolean
}

/** Where each device's journal stands; `told` where the hub has just said that it is broken. */
export type Journals = ReadonlyMap<string, JournalPlace | 'told'>

export type LocalStep = { ok: true; journals: Journals } | { ok: false; problem: string }

/** Goes on with a record of any kind. */
export function addLocalRecord(journals: Journals, record: AuditRecord, { hash, isSigned }: LocalDoors): LocalStep {
  const { action, object } = record
  if (action === JOURNAL_BROKEN) return { ok: true, journals: new Map(journals).set(object.id, 'told') }
  if (!action.startsWith(LOCAL_ACTION)) return { ok: true, journals }
  const parsed = JournalDetail.safeParse(record.detail)
  if (!parsed.success) return { ok: false, problem: 'it is not an entry of a device journal' }
  const { entry, publicKey } = parsed.data
  const next: LocalStep = { ok: true, journals: new Map(journals).set(object.id, placeOf(entry)) }
  const known = journals.get(object.id)
  if (known === 'told') return next
  const own = ownProblem(entry, { hash, isSigned: (one) => isSigned(one, publicKey) })
  const misnamed =
    action === LOCAL_ACTION + entry.action ? undefined : `it says ${action}, but the device says ${entry.action}`
  const problem = own ?? misnamed ?? (known && orderProblem(known, entry))
  return problem === undefined ? next : { ok: false, problem: `the journal of ${object.id}: ${problem}` }
}
