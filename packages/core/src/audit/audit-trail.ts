/**
 * Audit trail: verifies records and signed checkpoints, line by line, wherever they come from: an export, or the hub. Needs nothing but the
 * public key. What a hub signed is proven; what only holds together could have been made anew by whoever can write to the database.
 */
import type { AuditRecord } from '@skerry/contract/audit/audit'
import type { AuditArchive } from '@skerry/contract/audit/audit-archive'
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import { type ChainEnd, EMPTY_CHAIN, findChainProblem, type HashText } from './audit-chain.ts'

export type TrailDoors = {
  hash: HashText
  /** What is wrong with the signature, if anything. */
  signatureProblem(checkpoint: AuditCheckpoint): string | undefined
  archiveProblem(archive: AuditArchive): string | undefined
}

/** What is known after some lines. */
export type Trail = {
  /** Undefined before the first line. */
  organisationId: string | undefined
  /** The first record that is there, or would be. */
  first: number
  end: ChainEnd
  /** The last record that a signed checkpoint vouches for; 0 where none does. */
  provenThrough: number
  checkpoints: number
  /** Archives that the trail follows: what was before is in their files. */
  archives: readonly AuditArchive[]
  /** Checkpoints that somebody kept elsewhere and that are still to come, in order; and the last that was met. */
  held: readonly AuditCheckpoint[]
  heldThrough: number
}

/** The first record that does not fit; or, where records were made anew with good hashes, the range from `since` on in which the first of them is. */
export type TrailProblem = { ok: false; sequence: number; since: number; problem: string }
export type TrailStep = { ok: true; trail: Trail } | TrailProblem

export type TrailStart = {
  /** Their signatures are looked at here. */
  held: readonly AuditCheckpoint[]
  /** The record that it begins with, where whoever verifies knows that what was before is elsewhere. */
  from?: number | undefined
}

/** Begins before the first line. */
export function beginTrail({ held, from = 1 }: TrailStart, { signatureProblem }: TrailDoors): TrailStep {
  for (const checkpoint of held) {
    const problem = signatureProblem(checkpoint)
    if (problem !== undefined) return broken(checkpoint.sequence, `the checkpoint kept elsewhere: ${problem}`)
  }
  const ordered = held.toSorted((a, b) => a.sequence - b.sequence)
  const trail = {
    organisationId: undefined,
    first: from,
    end: EMPTY_CHAIN,
    provenThrough: 0,
    checkpoints: 0,
    archives: [],
  }
  return { ok: true, trail: { ...trail, held: ordered, heldThrough: 0 } }
}

/** Goes on with a record. */
export function addRecord(trail: Trail, record: AuditRecord, doors: TrailDoors): TrailStep {
  const begun = trail.organisationId === undefined ? beginWith(trail, record) : { ok: true as const, trail }
  if (!begun.ok) return begun
  const { end, provenThrough, first, organisationId } = begun.trail
  if (record.organisationId !== organisationId)
    return broken(
      end.sequence + 1,
      `it belongs to ${record.organisationId}, but the records before it to ${organisationId}`,
    )
  const found = findChainProblem(end, record, doors.hash)
  if (found?.isOwn) return broken(end.sequence + 1, found.problem)
  if (found) return madeAnew(Math.max(provenThrough + 1, first), record.sequence, found.problem)
  return meetHeld({ ...begun.trail, end: { sequence: record.sequence, hash: record.hash } })
}

/** Goes on with a checkpoint: it stands right after the last record that it vouches for, or before the first. */
export function addCheckpoint(trail: Trail, checkpoint: AuditCheckpoint, doors: TrailDoors): TrailStep {
  const counted = { ...trail, checkpoints: trail.checkpoints + 1 }
  return addVouched(counted, checkpoint, { what: 'checkpoint', problem: doors.signatureProblem(checkpoint) })
}

/** Goes on with what the hub has said of an archive: what it holds stands before, or is in its file. */
export function addArchive(trail: Trail, archive: AuditArchive, doors: TrailDoors): TrailStep {
  const counted = { ...trail, archives: [...trail.archives, archive] }
  return addVouched(counted, archive, { what: 'archive', problem: doors.archiveProblem(archive) })
}

type Vouched = Pick<AuditCheckpoint, 'organisationId' | 'sequence' | 'hash'>

function addVouched(
  trail: Trail,
  { organisationId, sequence, hash }: Vouched,
  { what, problem }: { what: 'checkpoint' | 'archive'; problem: string | undefined },
): TrailStep {
  const { end, first } = trail
  if (problem !== undefined) return broken(Math.max(end.sequence, 1), `the ${what} after it: ${problem}`)
  const proven = { ...trail, provenThrough: sequence }
  if (trail.organisationId === undefined) {
    if (first > 1 && sequence !== first - 1)
      return broken(first, `it is missing; the first line is ${article(what)} of record ${sequence}`)
    return meetHeld({ ...proven, organisationId, first: sequence + 1, end: { sequence, hash } })
  }
  if (organisationId !== trail.organisationId)
    return broken(Math.max(end.sequence, 1), `the ${what} after it belongs to ${organisationId}`)
  if (sequence > end.sequence)
    return broken(end.sequence + 1, `it is missing; the hub signed ${article(what)} of record ${sequence}`)
  if (sequence < end.sequence) return broken(sequence, `its ${what} comes after record ${end.sequence}`)
  if (hash === end.hash) return { ok: true, trail: proven }
  return madeAnew(Math.max(trail.provenThrough + 1, first), sequence, 'the hub has signed another hash for it')
}

const article = (what: 'checkpoint' | 'archive') => (what === 'archive' ? 'an archive' : 'a checkpoint')

/** After the last line: whether all is there that somebody can prove was there once. */
export function endTrail(trail: Trail): TrailStep {
  const { organisationId, first, end } = trail
  const [missing] = trail.held
  if (!missing) return { ok: true, trail }
  const sequence = organisationId === undefined ? first : end.sequence + 1
  return broken(sequence, `it is missing; a checkpoint kept elsewhere has record ${missing.sequence}`)
}

function beginWith(trail: Trail, { organisationId, sequence, previousHash }: AuditRecord): TrailStep {
  const begun = { ...trail, organisationId }
  if (sequence === 1 && trail.first === 1) return { ok: true, trail: begun }
  const isVouchedFor = trail.held.some((held) => held.sequence === sequence - 1 && held.hash === previousHash)
  if (sequence !== trail.first && !isVouchedFor)
    return broken(
      trail.first,
      `it is missing; the first record is ${sequence}, and no checkpoint proves the records before it`,
    )
  const end = { sequence: sequence - 1, hash: previousHash }
  return meetHeld({ ...begun, first: sequence, end, provenThrough: isVouchedFor ? sequence - 1 : 0 })
}

/** Compares with what was kept of this record; what was kept of records before the first cannot be compared. */
function meetHeld(trail: Trail): TrailStep {
  const { end, organisationId } = trail
  const [next] = trail.held
  if (!next || next.sequence > end.sequence) return { ok: true, trail }
  if (next.organisationId !== organisationId)
    return broken(
      trail.first,
      `it belongs to ${organisationId}, but the checkpoint kept elsewhere to ${next.organisationId}`,
    )
  if (next.sequence === end.sequence && next.hash !== end.hash) {
    const since = Math.max(trail.heldThrough + 1, trail.first)
    return madeAnew(
      Math.min(since, end.sequence),
      end.sequence,
      'the checkpoint kept elsewhere has another hash for it',
    )
  }
  const provenThrough =
    next.sequence === end.sequence ? Math.max(trail.provenThrough, next.sequence) : trail.provenThrough
  return meetHeld({ ...trail, held: trail.held.slice(1), heldThrough: next.sequence, provenThrough })
}

const broken = (sequence: number, problem: string): TrailProblem => ({ ok: false, sequence, since: sequence, problem })

const madeAnew = (since: number, sequence: number, problem: string): TrailProblem => ({
  ok: false,
  sequence,
  since,
  problem: since === sequence ? problem : `${problem}; this record, or one from ${since} on, was replaced`,
})
