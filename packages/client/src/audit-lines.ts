/** Audit lines: the trail as it is exported and verified, records with each checkpoint right after the last one that it vouches for. */
import type { AuditArchive } from '@skerry/contract/audit/audit-archive'
import type { AuditLine } from '@skerry/contract/audit/audit-checkpoint'
import { PAGE_LIMIT_MAX } from '@skerry/contract/values/names'
import type { SkerryClient } from './client.ts'
import { eachRow } from './page.ts'

type Audit = Pick<SkerryClient['audit'], 'list' | 'checkpoints' | 'archives'>

export type AuditRange = { from: number; through?: number | undefined }

/**
 * Page by page, so that a long trail is never held whole. `from` is the first record; a checkpoint of the one before it comes first, or, where
 * that is not here any more, the archive that has it.
 */
export async function* auditLines(
  audit: Audit,
  { from, through = Number.MAX_SAFE_INTEGER }: AuditRange,
  signal: AbortSignal,
): AsyncGenerator<AuditLine[], void> {
  const archive = await lastArchive(audit, signal)
  const isArchived = archive !== undefined && from <= archive.sequence + 1
  let next = isArchived ? archive.sequence + 1 : from
  if (isArchived) yield [{ archive }]
  else yield* nonEmpty(await checkpointsOf(audit, { first: from - 1, last: from - 1 }, signal))
  while (true) {
    const page = await audit.list({ limit: PAGE_LIMIT_MAX, fromSequence: next }, { signal })
    const rows = page.rows.filter(({ sequence }) => sequence <= through)
    const last = rows.at(-1)?.sequence
    if (last === undefined) break
    if (last < next) throw new Error('the hub answered the same page twice')
    const checkpoints = await checkpointsOf(audit, { first: next, last }, signal)
    const bySequence = new Map(checkpoints.map((line) => [line.checkpoint.sequence, line]))
    const mixed = rows.flatMap((record): AuditLine[] => {
      const checkpoint = bySequence.get(record.sequence)
      return checkpoint ? [record, checkpoint] : [record]
    })
    yield mixed
    next = last + 1
  }
  if (next <= through) yield* missingRecords(audit, next, signal)
}

async function lastArchive(audit: Audit, signal: AbortSignal): Promise<AuditArchive | undefined> {
  let last: AuditArchive | undefined
  for await (const archive of eachRow((page) => audit.archives(page, { signal }))) last = archive
  return last
}

/** A checkpoint of a record that is not there any more is a line of its own: whoever verifies stumbles over it. */
async function* missingRecords(audit: Audit, next: number, signal: AbortSignal) {
  const [checkpoint] = await checkpointsOf(audit, { first: next, last: Number.MAX_SAFE_INTEGER }, signal)
  // The trail may just have grown, and been signed.
  const { rows } = await audit.list({ limit: 1, fromSequence: next }, { signal })
  if (checkpoint && rows.length === 0) yield [checkpoint]
}

type CheckpointLine = Extract<AuditLine, { checkpoint: unknown }>

async function checkpointsOf(audit: Audit, { first, last }: { first: number; last: number }, signal: AbortSignal) {
  const found: CheckpointLine[] = []
  if (last < 1) return found
  const page = { limit: PAGE_LIMIT_MAX, after: String(Math.max(first - 1, 0)) }
  const { rows } = await audit.checkpoints(page, { signal })
  for (const checkpoint of rows) if (checkpoint.sequence <= last) found.push({ checkpoint })
  return found
}

function* nonEmpty(lines: AuditLine[]) {
  if (lines.length > 0) yield lines
}
