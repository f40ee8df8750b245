/** Together store: the state of a federated order, and the parts of its devices until the order is over. */
import type { CovariancePart } from '@skerry/contract/learning/result'
import type { LearningFleetId, LearningId } from '@skerry/contract/values/ids'
import type { TogetherMember } from '@skerry/core/learning/together'
import { fromJson, toJson } from '../../../store/json-column.ts'
import type { Db, Tx } from '../../../store/store.ts'
import type {
  LearningFleetTable,
  LearningPartTable,
  LearningTable,
  TogetherState,
} from '../../../store/tables/learning/learning-tables.ts'
import { learningsOfFleet } from '../fleet-store.ts'

/** Undefined if each device learns a detector of its own. */
export const togetherIn = ({ together }: Pick<LearningFleetTable, 'together'>): TogetherState | undefined =>
  together ? fromJson(together) : undefined

export const findFleetById = (db: Db, id: LearningFleetId): Promise<LearningFleetTable | undefined> =>
  db.selectFrom('learning_fleets').selectAll().where('id', '=', id).executeTakeFirst()

export type FederatedFleet = { fleet: LearningFleetTable; state: TogetherState }

/** The federated order of a learning; undefined if it has none. */
export async function federatedFleet(
  db: Db,
  { fleet_id: id }: Pick<LearningTable, 'fleet_id'>,
): Promise<FederatedFleet | undefined> {
  const fleet = id ? await findFleetById(db, id) : undefined
  const state = fleet && togetherIn(fleet)
  return state && { fleet, state }
}

export async function saveTogether(tx: Tx, id: LearningFleetId, state: TogetherState): Promise<void> {
  await tx
    .updateTable('learning_fleets')
    .set({ together: toJson(state) })
    .where('id', '=', id)
    .execute()
}

/** The federated orders that are not over. */
export async function liveFederatedFleets(db: Db): Promise<FederatedFleet[]> {
  const fleets = await db.selectFrom('learning_fleets').selectAll().where('together', 'is not', null).execute()
  return fleets.flatMap((fleet) => {
    const state = togetherIn(fleet)
    return state && !isTogetherOver(state) ? [{ fleet, state }] : []
  })
}

export const isTogetherOver = ({ modelVersion, reason }: Pick<TogetherState, 'modelVersion' | 'reason'>): boolean =>
  modelVersion !== undefined || reason !== undefined

export type FederatedMember = TogetherMember & { row: LearningTable; part: LearningPartTable | undefined }

export async function federatedMembers(db: Db, id: LearningFleetId): Promise<FederatedMember[]> {
  const rows = await learningsOfFleet(db, id)
  const parts = await db
    .selectFrom('learning_parts')
    .innerJoin('learnings', 'learnings.id', 'learning_parts.learning_id')
    .selectAll('learning_parts')
    .where('learnings.fleet_id', '=', id)
    .execute()
  const byLearning = new Map(parts.map((part) => [part.learning_id, part]))
  return rows.map((row) => {
    const part = byLearning.get(row.id)
    return { row, part, phase: row.phase, hasPart: part !== undefined, hasOwn: (part?.own ?? null) !== null }
  })
}

export const findPart = (db: Db, id: LearningId): Promise<LearningPartTable | undefined> =>
  db.selectFrom('learning_parts').selectAll().where('learning_id', '=', id).executeTakeFirst()

/** A part that comes again changes nothing: the parts may have been joined meanwhile. */
export async function savePart(tx: Tx, { id, organisation_id }: LearningTable, part: CovariancePart): Promise<void> {
  await tx
    .insertInto('learning_parts')
    .values({ learning_id: id, organisation_id, part: toJson(part), own: null })
    .onConflict((conflict) => conflict.column('learning_id').doNothing())
    .execute()
}

export async function saveOwn(tx: Tx, id: LearningId, own: string): Promise<void> {
  await tx.updateTable('learning_parts').set({ own }).where('learning_id', '=', id).execute()
}

/** The versions have all that counts. */
export async function dropParts(tx: Tx, rows: readonly Pick<LearningTable, 'id'>[]): Promise<void> {
  for (const { id } of rows) await tx.deleteFrom('learning_parts').where('learning_id', '=', id).execute()
}

/** A person has ended the order, so nothing of it is published. Does nothing if it is over, or has no joint detector. */
export async function cancelTogether(tx: Tx, id: LearningFleetId, reason: string): Promise<void> {
  const found = await federatedFleet(tx, { fleet_id: id })
  if (!found || isTogetherOver(found.state)) return
  const { joint: _, ...state } = found.state
  await saveTogether(tx, id, { ...state, reason: `cancelled: ${reason}`.slice(0, 1_000) })
  await dropParts(tx, await learningsOfFleet(tx, id))
}

/** The versions of the joint detector, so that its devices keep rows for marks. */
export async function saveJointVersion(
  tx: Tx,
  id: LearningFleetId,
  { modelVersion, flowVersion }: Pick<TogetherState, 'modelVersion' | 'flowVersion'>,
): Promise<void> {
  await tx
    .updateTable('learnings')
    .set({ model_version: modelVersion ?? null, flow_version: flowVersion ?? null })
    .where('fleet_id', '=', id)
    .where('phase', '=', 'done')
    .execute()
}
