/** Trail walk: verifies an organisation's trail as the database has it, records and checkpoints, page by page. */
import type { AuditArchive } from '@skerry/contract/audit/audit-archive'
import type { AuditCheckpoint } from '@skerry/contract/audit/audit-checkpoint'
import type { OrganisationId } from '@skerry/contract/values/ids'
import {
  addArchive,
  addCheckpoint,
  addRecord,
  beginTrail,
  type Trail,
  type TrailDoors,
  type TrailProblem,
  type TrailStep,
} from '@skerry/core/audit/audit-trail'
import { digestOf } from '@skerry/platform/files/hash'
import { archiveVerifier, checkpointVerifier } from '@skerry/platform/signatures/audit-signature'
import type { Hub } from '../hub.ts'
import type { Db } from '../store/store.ts'
import { lastArchive } from './archive-store.ts'
import { listAuditKeys } from './audit-key.ts'
import { listAudit } from './audit-store.ts'
import { listCheckpoints } from './checkpoint-store.ts'

/** A page hashes in some 10 ms; between pages others get their turn. */
const PAGE = 1_000

type Walked = { ok: true; trail: Trail } | TrailProblem

/** What signatures are judged by: the keys that the database knows. */
export async function doorsOf(db: Db): Promise<TrailDoors> {
  const keys = (await listAuditKeys(db)).map(({ public_key_pem }) => public_key_pem)
  return { hash: digestOf, signatureProblem: checkpointVerifier(keys), archiveProblem: archiveVerifier(keys) }
}

/** Begins where an archive ends: what it holds is not here any more. */
export function beginLiving(archive: AuditArchive, doors: TrailDoors): TrailStep {
  const begun = beginTrail({ held: [] }, doors)
  return begun.ok ? addArchive(begun.trail, archive, doors) : begun
}

/** Walks to the end: from what this checkpoint vouches for, from where the archives end, or from the first record. */
export async function walkTrail(
  { store: { db }, clock }: Pick<Hub, 'store' | 'clock'>,
  { organisationId, after }: { organisationId: OrganisationId; after?: AuditCheckpoint | undefined },
  signal: AbortSignal,
): Promise<Walked> {
  const doors = await doorsOf(db)
  const archive = after ? undefined : await lastArchive(db, organisationId)
  let step = archive ? beginLiving(archive, doors) : beginTrail({ held: [] }, doors)
  if (step.ok && after) step = addCheckpoint(step.trail, after, doors)
  while (step.ok) {
    const { sequence } = step.trail.end
    const page = { organisationId, limit: PAGE }
    const records = await listAudit(db, { ...page, after: { atMs: 0, sequence } })
    const checkpoints = await listCheckpoints(db, { ...page, after: sequence })
    if (records.length === 0 && checkpoints.length === 0) return step
    step = addPage(step.trail, records, checkpoints, doors)
    // Others get their turn.
    await clock.sleep(1, signal)
  }
  return step
}

type Records = Awaited<ReturnType<typeof listAudit>>

/** Each checkpoint right after its record; those of records that come with a later page wait for it. */
function addPage(
  begun: Trail,
  records: Records,
  checkpoints: readonly AuditCheckpoint[],
  doors: TrailDoors,
): TrailStep {
  const waiting = checkpoints.toReversed()
  let step: TrailStep = { ok: true, trail: begun }
  for (const record of records) {
    step = addRecord(step.trail, record, doors)
    const next = waiting.at(-1)
    if (step.ok && next && next.sequence <= record.sequence) {
      waiting.pop()
      step = addCheckpoint(step.trail, next, doors)
    }
    if (!step.ok) return step
  }
  const [missing] = checkpoints
  return records.length === 0 && missing ? cutOff(begun, missing) : step
}

/** Also where nothing is left: what is in the database begins with the first record, unlike an export, which may be a part. */
function cutOff({ end }: Trail, { sequence: signed }: AuditCheckpoint): TrailStep {
  const sequence = end.sequence + 1
  const problem = `it is missing; the hub signed a checkpoint of record ${signed}`
  return { ok: false, sequence, since: sequence, problem }
}
