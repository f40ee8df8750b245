/**
 * Audit chain: each record holds the hash of the one before, so that nothing can be changed, taken out or put in between without breaking
 * every hash that follows. Who keeps the last hash elsewhere can prove that the end was not cut off either.
 *
 *     hash(n) = sha256(canonicalJson(record n without its hash))      record n holds hash(n - 1); record 1 holds 64 zeros
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { Digest } from '@skerry/contract/values/digest'
import { auditRecordText } from './audit-record-text.ts'

/** What the first record of a chain follows. */
export const CHAIN_START: Digest = Digest.parse(`sha256:${'0'.repeat(64)}`)

/** Where a chain ends: the next record takes sequence + 1, and this hash as its previous one. */
export type ChainEnd = { sequence: number; hash: Digest }

/** The end of a chain that has no record. */
export const EMPTY_CHAIN: ChainEnd = { sequence: 0, hash: CHAIN_START }

/** SHA-256 of text as UTF-8: core computes none itself. */
export type HashText = (text: string) => Digest

export type UnchainedRecord = Omit<AuditRecord, 'sequence' | 'previousHash' | 'hash'>

/** The record as it stands in the chain. */
export function chainRecord(end: ChainEnd, record: UnchainedRecord, hash: HashText): AuditRecord {
  const linked = { ...record, sequence: end.sequence + 1, previousHash: end.hash }
  return { ...linked, hash: hash(auditRecordText(linked)) }
}

export type ChainCheck = { ok: true; end: ChainEnd } | { ok: false; sequence: number; problem: string }

/** Walks records that should follow `end`; a chain is checked page by page, each from the end of the one before. */
export function checkChain(end: ChainEnd, records: readonly AuditRecord[], hash: HashText): ChainCheck {
  let current = end
  for (const record of records) {
    const found = findChainProblem(current, record, hash)
    if (found) return { ok: false, sequence: current.sequence + 1, problem: found.problem }
    current = record
  }
  return { ok: true, end: { sequence: current.sequence, hash: current.hash } }
}

/** `isOwn` where the record itself does not hold together; else it does, but does not follow the one before: either may have been made anew. */
export type ChainProblem = { problem: string; isOwn: boolean }

/** What is wrong with a record that should follow `end`, if anything. */
export function findChainProblem(end: ChainEnd, record: AuditRecord, hash: HashText): ChainProblem | undefined {
  const expected = end.sequence + 1
  if (record.sequence > expected)
    return own(`record ${expected} is missing; ${record.sequence} follows ${end.sequence}`)
  if (record.sequence < expected) return own(`record ${record.sequence} appears in place of ${expected}`)
  const isWhole = hashOf(record, hash) === record.hash
  if (record.previousHash !== end.hash)
    return { problem: `it does not contain the hash of record ${end.sequence}`, isOwn: !isWhole }
  return isWhole ? undefined : own('its content does not match its hash: it was changed')
}

const own = (problem: string): ChainProblem => ({ problem, isOwn: true })

/** No hash where the content is none that a hub writes, such as half of a character. */
function hashOf(record: AuditRecord, hash: HashText): Digest | undefined {
  try {
    return hash(auditRecordText(record))
  } catch {
    return undefined
  }
}
