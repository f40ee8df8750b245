/** Mark store: the times that people mark for the next learning of a name on a device. */
import type { HeldMark } from '@skerry/contract/held/learnings'
import type { LearningMark } from '@skerry/contract/learning/mark'
import type { DeviceId, LearningMarkId, OrganisationId } from '@skerry/contract/values/ids'
import type { Db, Tx } from '../store/store.ts'
import type { LearningMarkTable } from '../store/tables/learning/learning-tables.ts'

type OfLearning = { organisationId: OrganisationId; name: string; deviceId: DeviceId }

/** The oldest first. */
export const marksOf = (db: Db, { organisationId, name, deviceId }: OfLearning): Promise<LearningMarkTable[]> =>
  db
    .selectFrom('learning_marks')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .where('device_id', '=', deviceId)
    .orderBy('created_at_ms')
    .orderBy('id')
    .execute()

/** Of all learnings of the device. */
export const marksOfDevice = (db: Db, deviceId: DeviceId): Promise<LearningMarkTable[]> =>
  db
    .selectFrom('learning_marks')
    .selectAll()
    .where('device_id', '=', deviceId)
    .orderBy('created_at_ms')
    .orderBy('id')
    .execute()

export async function insertMark(tx: Tx, row: LearningMarkTable): Promise<void> {
  await tx.insertInto('learning_marks').values(row).execute()
}

/** False if the learning has no such mark. */
export async function deleteMark(tx: Tx, of: OfLearning, mark: LearningMarkId): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('learning_marks')
    .where('organisation_id', '=', of.organisationId)
    .where('name', '=', of.name)
    .where('device_id', '=', of.deviceId)
    .where('id', '=', mark)
    .executeTakeFirst()
  return Number(numDeletedRows) > 0
}

export async function saveMarkRows(tx: Tx, mark: LearningMarkId, rows: number): Promise<void> {
  await tx.updateTable('learning_marks').set({ rows }).where('id', '=', mark).execute()
}

export const heldMarkOf = (row: LearningMarkTable): HeldMark => ({
  mark: row.id,
  name: row.name,
  kind: row.kind,
  fromMs: Number(row.from_ms),
  toMs: Number(row.to_ms),
})

/** The mark as the API shows it. */
export const markOf = (row: LearningMarkTable): LearningMark => ({
  id: row.id,
  kind: row.kind,
  fromMs: Number(row.from_ms),
  toMs: Number(row.to_ms),
  reason: row.reason,
  ...(row.rows !== null && { rows: row.rows }),
  createdAtMs: Number(row.created_at_ms),
  createdBy: row.created_by,
})
