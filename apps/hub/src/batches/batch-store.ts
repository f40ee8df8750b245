/** Batch store: batches as records. */
import type { Batch, BatchStatus } from '@skerry/contract/batches/batch'
import type { BatchKind } from '@skerry/contract/batches/batch-command'
import type { BatchId, OrganisationId } from '@skerry/contract/values/ids'
import type { BatchState } from '@skerry/core/batches/batch'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { BatchTable } from '../store/tables/batch-tables.ts'
import { storedHand } from './batch-hand.ts'

export type BatchPage = {
  organisationId: OrganisationId
  limit: number
  after?: BatchId | undefined
  status?: BatchStatus | undefined
  kind?: BatchKind | undefined
}

/** One page, newest first. */
export function listBatches(db: Db, { organisationId, limit, after, status, kind }: BatchPage): Promise<BatchTable[]> {
  return db
    .selectFrom('batches')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(status !== undefined, (select) => select.where('status', '=', status ?? 'draft'))
    .$if(kind !== undefined, (select) => select.where('kind', '=', kind ?? 'relabel'))
    .$if(after !== undefined, (select) =>
      select.where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('created_at_ms', 'id'),
          '<',
          selectFrom('batches as last')
            .select(['last.created_at_ms', 'last.id'])
            .where('last.organisation_id', '=', organisationId)
            .where('last.id', '=', after as BatchId)
            .$asTuple('created_at_ms', 'id'),
        ),
      ),
    )
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

/** Undefined where the organisation has none. */
export function findBatch(
  db: Db,
  { organisationId, batchId }: { organisationId: OrganisationId; batchId: BatchId },
): Promise<BatchTable | undefined> {
  return db
    .selectFrom('batches')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('id', '=', batchId)
    .executeTakeFirst()
}

/** The batch of an id, of whatever organisation: for the engine. */
export function findBatchById(db: Db, id: BatchId): Promise<BatchTable | undefined> {
  return db.selectFrom('batches').selectAll().where('id', '=', id).executeTakeFirst()
}

const LIVE: readonly BatchStatus[] = ['scheduled', 'running', 'cancelling']

/** Those of which something may be due, oldest first. */
export const liveBatches = (db: Db): Promise<BatchTable[]> =>
  db
    .selectFrom('batches')
    .selectAll()
    .where('status', 'in', [...LIVE])
    .orderBy('created_at_ms')
    .execute()

/** As core decides on it. */
export const stateOf = (row: BatchTable): BatchState => ({
  status: row.status,
  counts: fromJson(row.counts),
  pace: fromJson(row.pace),
  ...(row.rate !== null && { rate: fromJson(row.rate) }),
  startAtMs: row.start_at_ms,
  expiresAtMs: row.expires_at_ms,
  timeoutMs: row.timeout_ms,
})

/** Keeps what a decision made of the batch, and whatever else is said. */
export async function saveBatch(
  tx: Tx,
  id: BatchId,
  { status, counts, pace }: BatchState,
  more: Partial<BatchTable> = {},
): Promise<void> {
  await tx
    .updateTable('batches')
    .set({ status, counts: toJson(counts), pace: toJson(pace), ...more })
    .where('id', '=', id)
    .execute()
}

/** As the API shows it. */
export function batchOf(row: BatchTable): Batch {
  const envelope = row.envelope === null ? undefined : fromJson(row.envelope)
  return {
    id: row.id,
    command: fromJson(row.command),
    selector: row.selector,
    ...(row.reason !== null && { reason: row.reason }),
    status: row.status,
    devices: row.devices,
    counts: fromJson(row.counts),
    attempt: row.attempt,
    ...(row.rate !== null && { rate: fromJson(row.rate) }),
    startAtMs: row.start_at_ms,
    expiresAtMs: row.expires_at_ms,
    timeoutSeconds: Math.round(row.timeout_ms / 1_000),
    created: storedHand(row.created_by),
    ...(row.signed_by !== null && { signed: storedHand(row.signed_by) }),
    ...(row.sent_by !== null && { sent: storedHand(row.sent_by) }),
    ...(row.cancelled_by !== null && { cancelled: storedHand(row.cancelled_by) }),
    ...(row.ended_at_ms !== null && { endedAtMs: row.ended_at_ms }),
    ...(envelope?.signatures[0] && { signatureKeyId: envelope.signatures[0].keyid }),
  }
}
