/**
 * Device journal: how entries are chained, and what is wrong with those that come. Whatever was changed, taken out, put in or moved since it was written
 * breaks the chain at a place that can be named; what is gone from the end of a journal that nobody has seen leaves no trace.
 */

import type { JournalEntry, JournalPlace } from '@skerry/contract/audit/device-journal'
import type { Digest } from '@skerry/contract/values/digest'
import { canonicalJson } from '../values/canonical-json.ts'
import { CHAIN_START, type HashText } from './audit-chain.ts'

/** Before the first entry. */
export const newJournal = (journal: string): JournalPlace => ({ journal, sequence: 0, hash: CHAIN_START })

export type UnsignedEntry = Omit<JournalEntry, 'signature'>

/** The entry as it stands after `end`. */
export function chainEntry(
  end: JournalPlace,
  said: Pick<JournalEntry, 'atMs' | 'action' | 'detail'>,
  hash: HashText,
): UnsignedEntry {
  const linked = { journal: end.journal, sequence: end.sequence + 1, ...said, previousHash: end.hash }
  return { ...linked, hash: hash(canonicalJson(linked)) }
}

export const placeOf = ({ journal, sequence, hash }: JournalPlace): JournalPlace => ({ journal, sequence, hash })

export type EntryDoors = {
  hash: HashText
  /** Whether the device's key signed this hash. */
  isSigned(entry: JournalEntry): boolean
}

/** What is wrong with an entry by itself. */
export function ownProblem(entry: JournalEntry, { hash, isSigned }: EntryDoors): string | undefined {
  const { hash: claimed, signature: _, ...content } = entry
  if (hashOf(content, hash) !== claimed) return 'its content does not match its hash: it was changed'
  return isSigned(entry) ? undefined : "it is not signed by the device's key"
}

/** What is wrong with an entry that should follow `end`; undefined where nothing is known of what was before. */
export function orderProblem(end: JournalPlace | undefined, entry: JournalEntry): string | undefined {
  if (end === undefined || entry.journal !== end.journal) {
    if (end !== undefined) return `the journal starts again; the hub has ${end.sequence} entries of the earlier one`
    return entry.sequence === 1 ? undefined : `entries 1 to ${entry.sequence - 1} are missing`
  }
  const expected = end.sequence + 1
  if (entry.sequence > expected) return `entries ${expected} to ${entry.sequence - 1} are missing`
  if (entry.sequence < expected) return `entry ${entry.sequence} appears in place of ${expected}`
  return entry.previousHash === end.hash ? undefined : `it does not contain the hash of entry ${end.sequence}`
}

export type JournalStep = { kind: 'entry'; entry: JournalEntry } | { kind: 'broken'; sequence: number; problem: string }

export type JournalVerdict = { place: JournalPlace | undefined; steps: JournalStep[] }

/**
 * What a hub makes of a page: entries that it has are passed over; each of the others is taken, with what is wrong with it before it. The chain goes on
 * from what came, so that each break is told once.
 */
export function takePage(
  held: JournalPlace | undefined,
  { end, entries }: { end: JournalPlace; entries: readonly JournalEntry[] },
  doors: EntryDoors,
): JournalVerdict {
  let place = held
  const steps: JournalStep[] = []
  const tell = (sequence: number, problem: string | undefined) => {
    if (problem !== undefined) steps.push({ kind: 'broken', sequence, problem })
  }
  for (const entry of entries) {
    if (place?.journal === entry.journal && entry.sequence <= place.sequence) continue
    tell(entry.sequence, ownProblem(entry, doors))
    tell(entry.sequence, orderProblem(place, entry))
    steps.push({ kind: 'entry', entry })
    place = placeOf(entry)
  }
  if (held?.journal === end.journal && place?.journal === end.journal && end.sequence < place.sequence) {
    tell(end.sequence + 1, `the device has lost entries ${end.sequence + 1} to ${place.sequence}, which are here`)
  }
  return { place, steps }
}

function hashOf(content: object, hash: HashText): Digest | undefined {
  try {
    return hash(canonicalJson(content))
  } catch {
    return undefined
  }
}
