/**
 * Audit chain: each record holds the hash of the one before, so that nothing can be changed, taken out or put in between without breaking
 * every hash that follows. Who keeps the last hash elsewhere can prove that the end was not cut off either.
 *
 *     hash(n) = sha256(canonicalJson(record n without its hash))      record n holds hash(n - 1); record 1 holds 64 zeros
 */
import type { AuditRecord } from '@skerry/contract/audit'
import { Digest } from '@skerry/contract/digest'
import { canonicalJson } from './canonical-json.ts'

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
  return { ...linked, hash: hash(canonicalJson(linked)) }
}

export type ChainCheck = { ok: true; end: ChainEnd } | { ok: false; sequence: number; problem: string }

/** Walks records that should follow `end`; a chain is checked page by page, each from the end of the one before. */
export function checkChain(end: ChainEnd, records: readonly AuditRecord[], hash: HashText): ChainCheck {
  let current = end
  for (const record of records) {
    const problem = findProblem(current, record, hash)
    if (problem) return { ok: false, sequence: current.sequence + 1, problem }
    current = { sequence: record.sequence, hash: record.hash }
  }
  return { ok: true, end: current }
}

function findProblem(end: ChainEnd, record: AuditRecord, hash: HashText): string | undefined {
  const expected = end.sequence + 1
  if (record.sequence > expected) return `record ${expected} is missing; ${record.sequence} follows ${end.sequence}`
  if (record.sequence < expected) return `record ${record.sequence} appears where ${expected} should`
  if (record.previousHash !== end.hash) return `it does not hold the hash of record ${end.sequence}`
  const { hash: stated, ...content } = record
  return hash(canonicalJson(content)) === stated ? undefined : 'its content does not have its hash: it was changed'
}
