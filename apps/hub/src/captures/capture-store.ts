/** Capture store: the rules of captures, the salt of subjects, and the subjects that were erased, as records. */
import type { Capture, CaptureRules } from '@skerry/contract/captures/capture'
import type { DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { CaptureErasureTable, CaptureOrder, CaptureTable } from '../store/tables/capture-tables.ts'

type Place = { organisationId: OrganisationId; model: string }

type CapturePage = { organisationId: OrganisationId; limit: number; after: string | undefined }

/** One page of captures, by model. */
export const listCaptures = (db: Db, { organisationId, limit, after }: CapturePage): Promise<CaptureTable[]> =>
  db
    .selectFrom('captures')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) => select.where('model', '>', after ?? ''))
    .orderBy('model')
    .limit(limit)
    .execute()

/** Undefined if the model has none. */
export const findCapture = (db: Db, { organisationId, model }: Place): Promise<CaptureTable | undefined> =>
  db
    .selectFrom('captures')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .executeTakeFirst()

export type NewCapture = Place & { rules: CaptureRules; nowMs: number; by: string }

/** Inserts or replaces the capture of a model. */
export async function saveCapture(tx: Tx, { organisationId, model, rules, nowMs, by }: NewCapture): Promise<void> {
  const changed = { rules: toJson(rules), changed_at_ms: nowMs, changed_by: by }
  await tx
    .insertInto('captures')
    .values({ organisation_id: organisationId, model, ...changed, ordered: null })
    .onConflict((conflict) => conflict.columns(['organisation_id', 'model']).doUpdateSet(changed))
    .execute()
}

/** Orders rows from all devices that run the version. False if the model has no capture. */
export async function orderRows(tx: Tx, { organisationId, model }: Place, order: CaptureOrder): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('captures')
    .set({ ordered: toJson(order) })
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** False if there was none. */
export async function deleteCapture(tx: Tx, { organisationId, model }: Place): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('captures')
    .where('organisation_id', '=', organisationId)
    .where('model', '=', model)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** The capture as the API shows it. */
export async function captureOf(db: Db, row: CaptureTable): Promise<Capture> {
  const { labels } = await db
    .selectFrom('capture_labels')
    .select(({ fn }) => fn.countAll<number>().as('labels'))
    .where('organisation_id', '=', row.organisation_id)
    .where('model', '=', row.model)
    .executeTakeFirstOrThrow()
  const { model, rules, ordered, changed_at_ms: changedAtMs, changed_by: changedBy } = row
  const order = ordered === null ? {} : { order: fromJson(ordered) }
  return { model, rules: fromJson(rules), ...order, labels: Number(labels), changedAtMs, changedBy }
}

/** Undefined until the organisation declares its first capture. */
export async function saltOf(db: Db, organisationId: OrganisationId): Promise<string | undefined> {
  const row = await db
    .selectFrom('capture_salts')
    .select('salt')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return row?.salt
}

/** The first salt stays: labels are found by it. */
export async function ensureSalt(tx: Tx, organisationId: OrganisationId, salt: string): Promise<void> {
  await tx
    .insertInto('capture_salts')
    .values({ organisation_id: organisationId, salt, labelled: 0 })
    .onConflict((conflict) => conflict.column('organisation_id').doNothing())
    .execute()
}

/** The number of the newest erasure; 0 if there was none. */
export async function lastErasure(db: Db, organisationId: OrganisationId): Promise<number> {
  const row = await db
    .selectFrom('capture_erasures')
    .select(({ fn }) => fn.max('sequence').as('last'))
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return Number(row?.last ?? 0)
}

/** The erasures after that number, oldest first. */
export const erasuresAfter = (
  db: Db,
  organisationId: OrganisationId,
  { after, limit }: { after: number; limit: number },
): Promise<CaptureErasureTable[]> =>
  db
    .selectFrom('capture_erasures')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute()

type NewErasure = { organisationId: OrganisationId; subjectKey: string; nowMs: number; by: string }

/** Records the erasure, and deletes the labels about the subject. Returns their number. */
export async function eraseSubject(tx: Tx, { organisationId, subjectKey, nowMs, by }: NewErasure): Promise<number> {
  // Transactions follow one another, so that no number is given twice.
  const sequence = (await lastErasure(tx, organisationId)) + 1
  await tx
    .insertInto('capture_erasures')
    .values({ organisation_id: organisationId, sequence, subject_key: subjectKey, at_ms: nowMs, erased_by: by })
    .execute()
  const { numDeletedRows } = await tx
    .deleteFrom('capture_labels')
    .where('organisation_id', '=', organisationId)
    .where('subject_key', '=', subjectKey)
    .executeTakeFirst()
  return Number(numDeletedRows)
}

/** The newest report of the device. */
export const reportOf = (db: Db, deviceId: DeviceId) =>
  db.selectFrom('capture_devices').selectAll().where('device_id', '=', deviceId).executeTakeFirst()

/** The devices that may have rows about subjects which were erased up to that number. */
export async function idsBehind(db: Db, organisationId: OrganisationId, sequence: number): Promise<Set<DeviceId>> {
  const rows = await db
    .selectFrom('capture_devices')
    .select('device_id')
    .where('organisation_id', '=', organisationId)
    .where('erased', '<', sequence)
    .execute()
  return new Set(rows.map(({ device_id }) => device_id))
}

/** The number of these devices. */
export async function devicesBehind(db: Db, organisationId: OrganisationId, sequence: number): Promise<number> {
  const { devices } = await db
    .selectFrom('capture_devices')
    .select(({ fn }) => fn.countAll<number>().as('devices'))
    .where('organisation_id', '=', organisationId)
    .where('erased', '<', sequence)
    .executeTakeFirstOrThrow()
  return Number(devices)
}
