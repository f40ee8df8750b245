/** Label store: the labels of captured rows, with the predictions that they are compared with. */
import type { CaptureLabel } from '@skerry/contract/captures/capture'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'
import { padded, piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { CaptureLabelTable } from '../store/tables/capture-tables.ts'

type Place = { organisationId: OrganisationId; model: string }

/** The store numbers it. */
export type NewLabel = Omit<CaptureLabelTable, 'sequence'>

/** Replaces labels of the same requests. Labels about a subject that was erased since are left out. */
export async function saveLabels(tx: Tx, rows: readonly NewLabel[]): Promise<number> {
  const erasedAtMs = await erasuresOf(tx, rows)
  const wanted = rows.filter(({ subject_key, at_ms }) => at_ms > (erasedAtMs.get(subject_key ?? '') ?? -1))
  const kept = await numbered(tx, wanted)
  for (const piece of piecesOf(kept)) {
    await tx
      .insertInto('capture_labels')
      .values(piece)
      .onConflict((conflict) =>
        conflict.columns(['organisation_id', 'model', 'request']).doUpdateSet(({ ref }) => ({
          device_id: ref('excluded.device_id'),
          version: ref('excluded.version'),
          at_ms: ref('excluded.at_ms'),
          predicted: ref('excluded.predicted'),
          label: ref('excluded.label'),
          error: ref('excluded.error'),
          subject_key: ref('excluded.subject_key'),
          labelled_at_ms: ref('excluded.labelled_at_ms'),
          labelled_by: ref('excluded.labelled_by'),
          sequence: ref('excluded.sequence'),
        })),
      )
      .execute()
  }
  return kept.length
}

/** Transactions follow one another, so that a device that has fetched a number has fetched all smaller ones. */
async function numbered(tx: Tx, rows: readonly NewLabel[]): Promise<CaptureLabelTable[]> {
  const [first] = rows
  if (!first) return []
  const { labelled } = await tx
    .updateTable('capture_salts')
    .set(({ eb }) => ({ labelled: eb('labelled', '+', rows.length) }))
    .where('organisation_id', '=', first.organisation_id)
    .returning('labelled')
    .executeTakeFirstOrThrow()
  const before = Number(labelled) - rows.length
  return rows.map((row, at) => ({ ...row, sequence: before + at + 1 }))
}

/** The newest erasure of each subject among the rows. A row that is younger belongs to a new request. */
async function erasuresOf(tx: Tx, rows: readonly NewLabel[]): Promise<ReadonlyMap<string, number>> {
  const [first] = rows
  const keys = [...new Set(rows.flatMap(({ subject_key }) => subject_key ?? []))]
  if (!first || keys.length === 0) return new Map()
  const found = await tx
    .selectFrom('capture_erasures')
    .select(['subject_key', 'at_ms'])
    .where('organisation_id', '=', first.organisation_id)
    .where('subject_key', 'in', padded(keys))
    .orderBy('at_ms')
    .execute()
  return new Map(found.map(({ subject_key, at_ms }) => [subject_key, Number(at_ms)]))
}

type LabelPage = Place & { limit: number; after: string | undefined }

/** One page of labels, by request. */
export const listLabels = (db: Db, { organisationId, model, limit, after }: LabelPage): Promise<CaptureLabelTable[]> =>
  db
    .selectFrom('capture_labels')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .$if(after !== undefined, (select) => select.where('request', '>', after ?? ''))
    .orderBy('request')
    .limit(limit)
    .execute()

/** The labels of rows of the device that changed after that number, in the order of their changes. */
export const labelsAfter = (
  db: Db,
  deviceId: DeviceId,
  { after, limit }: { after: number; limit: number },
): Promise<CaptureLabelTable[]> =>
  db
    .selectFrom('capture_labels')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()

/** The number of the newest label of a row of the device; 0 without one. */
export async function lastLabelOf(db: Db, deviceId: DeviceId): Promise<number> {
  const row = await db
    .selectFrom('capture_labels')
    .select(({ fn }) => fn.max('sequence').as('last'))
    .where('device_id', '=', deviceId)
    .executeTakeFirst()
  return Number(row?.last ?? 0)
}

/** The labels of these requests. */
export const labelsOf = (
  db: Db,
  { organisationId, model }: Place,
  requests: readonly string[],
): Promise<CaptureLabelTable[]> =>
  requests.length === 0
    ? Promise.resolve([])
    : db
        .selectFrom('capture_labels')
        .selectAll()
        .where('organisation_id', '=', organisationId)
        .where('model', '=', model)
        .where('request', 'in', padded(requests))
        .execute()

/** The label as the API shows it. */
export const labelOf = (row: CaptureLabelTable): CaptureLabel => ({
  request: row.request,
  version: row.version,
  atMs: row.at_ms,
  predicted: row.predicted,
  label: row.label,
  labelledAtMs: row.labelled_at_ms,
  labelledBy: row.labelled_by,
})

/** Longer than the longest retention of rows on devices, so that a year can be compared with the one before. */
const AGE_MAX_MS = 800 * 86_400_000

/** Some 20 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 1_000

/** Removes old labels. Returns their number. */
export async function sweepLabels({ store, clock, signal }: Pick<Hub, 'store' | 'clock' | 'signal'>): Promise<number> {
  const beforeMs = clock.nowMs() - AGE_MAX_MS
  for (let removed = 0; ; ) {
    signal.throwIfAborted()
    const { rows } = await store.transaction((tx) =>
      sql<{ request: string }>`
        delete from capture_labels where (organisation_id, model, request) in (
          select organisation_id, model, request from capture_labels where at_ms < ${beforeMs} limit ${ROWS_AT_ONCE}
        ) returning request`.execute(tx),
    )
    removed += rows.length
    if (rows.length < ROWS_AT_ONCE) return removed
  }
}
