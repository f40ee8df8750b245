/**
 * Archive proof: what the file of an archive must be, computed from the records themselves. Whoever asks for their removal gives the digest of the
 * file that they have; only if it is that of these very lines, which are verified once more on the way, is there an archive.
 */
import { createHash } from 'node:crypto'
import type { AuditRecord } from '@skerry/contract/audit/audit'
import { ARCHIVE_RECORDS_MAX } from '@skerry/contract/audit/audit-archive'
import type { AuditCheckpoint, AuditLine } from '@skerry/contract/audit/audit-checkpoint'
import { Digest } from '@skerry/contract/values/digest'
import type { OrganisationId } from '@skerry/contract/values/ids'
import { addCheckpoint, addRecord, beginTrail, type TrailDoors, type TrailStep } from '@skerry/core/audit/audit-trail'
import type { Hub } from '../hub.ts'
import { lastArchive } from './archive-store.ts'
import { listAudit } from './audit-store.ts'
import { listCheckpoints } from './checkpoint-store.ts'
import { beginLiving, doorsOf } from './trail-walk.ts'

const PAGE = 1_000

export type ArchiveProof =
  | { ok: true; firstSequence: number; digest: Digest; checkpoint: AuditCheckpoint; youngestMs: number }
  | { ok: false; code: 'audit_archive_refused' | 'audit_damaged'; message: string }

/** Of the records that are here, up to this one. */
export async function proveArchive(
  hub: Pick<Hub, 'store' | 'clock'>,
  { organisationId, sequence: through }: { organisationId: OrganisationId; sequence: number },
  signal: AbortSignal,
): Promise<ArchiveProof> {
  const { db } = hub.store
  const before = await lastArchive(db, organisationId)
  const firstSequence = (before?.sequence ?? 0) + 1
  if (through < firstSequence) return refused(`record ${through} was archived and removed before`)
  if (through - firstSequence >= ARCHIVE_RECORDS_MAX)
    return refused(`an archive has at most ${ARCHIVE_RECORDS_MAX} records; archive fewer at once`)
  const doors = await doorsOf(db)
  const hash = createHash('sha256')
  const write = (line: AuditLine) => void hash.update(`${JSON.stringify(line)}\n`)
  const step = before ? beginLiving(before, doors) : beginTrail({ held: [] }, doors)
  if (before) write({ archive: before })
  let walk: Walk = { step, last: undefined, youngestMs: 0 }
  while (walk.step.ok && walk.step.trail.end.sequence < through) {
    const { sequence: after } = walk.step.trail.end
    const page = { organisationId, limit: Math.min(PAGE, through - after) }
    const records = await listAudit(db, { ...page, after: { atMs: 0, sequence: after } })
    if (records.length === 0) return damaged(after + 1, 'it is missing')
    walk = addPage(walk, { records, checkpoints: await listCheckpoints(db, { ...page, after }) }, { doors, write })
    // Others get their turn.
    await hub.clock.sleep(1, signal)
  }
  const { last, youngestMs } = walk
  if (!walk.step.ok) return damaged(walk.step.sequence, walk.step.problem)
  if (!last)
    return refused(
      `record ${through} has no signed checkpoint; "skerry audit checkpoints" lists the records that have one`,
    )
  return { ok: true, firstSequence, digest: Digest.parse(`sha256:${hash.digest('hex')}`), checkpoint: last, youngestMs }
}

/** `last` is the checkpoint of the last record, if it has one. */
type Walk = { step: TrailStep; last: AuditCheckpoint | undefined; youngestMs: number }

type Page = { records: readonly AuditRecord[]; checkpoints: readonly AuditCheckpoint[] }

function addPage(
  before: Walk,
  { records, checkpoints }: Page,
  { doors, write }: { doors: TrailDoors; write(line: AuditLine): void },
): Walk {
  const signed = new Map(checkpoints.map((each) => [each.sequence, each]))
  let { step, last, youngestMs } = before
  for (const record of records) {
    if (!step.ok) break
    step = addRecord(step.trail, record, doors)
    write(record)
    youngestMs = Math.max(youngestMs, record.atMs)
    last = signed.get(record.sequence)
    if (!last || !step.ok) continue
    step = addCheckpoint(step.trail, last, doors)
    write({ checkpoint: last })
  }
  return { step, last, youngestMs }
}

const refused = (message: string): ArchiveProof => ({ ok: false, code: 'audit_archive_refused', message })

const damaged = (sequence: number, problem: string): ArchiveProof => ({
  ok: false,
  code: 'audit_damaged',
  message: `the audit trail breaks at record ${sequence}: ${problem}`,
})
