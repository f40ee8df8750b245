/** Learning store: learnings as records. The newest of a name is the one that people mean. */
import {
  type DetectorKind,
  isLearningOver,
  LEARNED_ROWS_MAX,
  type Learning,
  type LearningOutcome,
  type LearningPhase,
  LearningPhase as Phases,
  rowsWantedOf,
} from '@skerry/contract/learning/learning'
import type { DeviceId, LearningId, OrganisationId } from '@skerry/contract/values/ids'
import { Name } from '@skerry/contract/values/names'
import { problem } from '../http/problem.ts'
import { fromJson, toJson } from '../store/json-column.ts'
import type { Db, Tx } from '../store/store.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'

const LIVE: readonly LearningPhase[] = Phases.options.filter((phase) => !isLearningOver(phase))

type LearningPage = { organisationId: OrganisationId; limit: number; after: string | undefined }

/** One page, the newest first. `after` is the id of the last one of the page before. */
export const listLearnings = (db: Db, { organisationId, limit, after }: LearningPage): Promise<LearningTable[]> =>
  db
    .selectFrom('learnings')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .$if(after !== undefined, (select) =>
      select.where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('learnings.created_at_ms', 'learnings.id'),
          '<',
          selectFrom('learnings as last')
            .select(['last.created_at_ms', 'last.id'])
            .where('last.organisation_id', '=', organisationId)
            .where('last.id', '=', (after ?? '') as LearningId)
            .$asTuple('created_at_ms', 'id'),
        ),
      ),
    )
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()

/** The newest of the name. Undefined if the organisation has none. */
export const findLearning = (
  db: Db,
  { organisationId, name }: { organisationId: OrganisationId; name: string },
): Promise<LearningTable | undefined> =>
  db
    .selectFrom('learnings')
    .selectAll()
    .where('organisation_id', '=', organisationId)
    .where('name', '=', name)
    .orderBy('created_at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()

/** The newest of the name. Throws if the organisation has none. */
export async function knownLearning(
  db: Db,
  of: { organisationId: OrganisationId; name: string },
): Promise<LearningTable> {
  const row = await findLearning(db, of)
  if (!row) throw problem('learning_unknown')
  return row
}

/**
 * The newest learning of each name on the device that published a detector, if the model is still there. The newest
 * first.
 */
export async function detectorsOf(db: Db, deviceId: DeviceId): Promise<LearningTable[]> {
  const rows = await db
    .selectFrom('learnings')
    .selectAll('learnings')
    .leftJoin('learning_fleets', 'learning_fleets.id', 'learnings.fleet_id')
    // A joint detector has the name of its order.
    .innerJoin('models', (join) =>
      join
        .onRef('models.organisation_id', '=', 'learnings.organisation_id')
        .on(({ eb, ref, or, and }) =>
          or([
            eb('models.name', '=', ref('learnings.name')),
            and([eb('learning_fleets.together', 'is not', null), eb('models.name', '=', ref('learning_fleets.name'))]),
          ]),
        ),
    )
    .where('learnings.device_id', '=', deviceId)
    .where('learnings.model_version', 'is not', null)
    .orderBy('learnings.created_at_ms', 'desc')
    .orderBy('learnings.id', 'desc')
    .limit(DETECTORS_READ)
    .execute()
  const names = new Set<string>()
  return rows.filter(({ name }) => !names.has(name) && names.add(name))
}

/** A name may have been learned many times. A device with more names than the newest rows have is beyond its limit. */
const DETECTORS_READ = 200

/** In any organisation, because the device names the id. */
export const findLearningById = (db: Db, id: LearningId): Promise<LearningTable | undefined> =>
  db.selectFrom('learnings').selectAll().where('id', '=', id).executeTakeFirst()

/** The oldest first. */
export const liveLearningsOf = (db: Db, deviceId: DeviceId): Promise<LearningTable[]> =>
  db
    .selectFrom('learnings')
    .selectAll()
    .where('device_id', '=', deviceId)
    .where('phase', 'in', [...LIVE])
    .orderBy('created_at_ms')
    .execute()

/** Learnings that are not over although their device is gone. */
export const orphanedLearnings = (db: Db): Promise<LearningTable[]> =>
  db
    .selectFrom('learnings')
    .selectAll()
    .where('phase', 'in', [...LIVE])
    .where('device_id', 'not in', (eb) => eb.selectFrom('devices').select('devices.id'))
    .execute()

export async function insertLearning(tx: Tx, row: LearningTable): Promise<void> {
  await tx.insertInto('learnings').values(row).execute()
}

/** No learning has more rows, and the column has no room for any number that a device may send. */
export const storedRows = (rows: number): number => Math.min(rows, LEARNED_ROWS_MAX)

export type LearningMove = { phase: LearningPhase; rows: number; reason: string | null; outcome?: LearningOutcome }

/** Progress of a learning that is not over. */
export async function saveProgress(
  tx: Tx,
  id: LearningId,
  { phase, rows, reason, outcome }: LearningMove,
): Promise<void> {
  await tx
    .updateTable('learnings')
    .set({ phase, rows: storedRows(rows), reason, ...(outcome && { outcome: toJson(outcome) }) })
    .where('id', '=', id)
    .where('phase', 'in', [...LIVE])
    .execute()
}

/** The versions of a joint detector come later. */
export type LearningPublished = { outcome: LearningOutcome; modelVersion?: number; flowVersion?: number }

/** The device tries the detector. False if it was over already. */
export async function beginShadow(
  tx: Tx,
  id: LearningId,
  { outcome, modelVersion, flowVersion }: LearningPublished,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('learnings')
    .set({
      phase: 'shadow',
      reason: null,
      outcome: toJson(outcome),
      rows: storedRows(outcome.rows),
      ...(modelVersion !== undefined && { model_version: modelVersion }),
      ...(flowVersion !== undefined && { flow_version: flowVersion }),
    })
    .where('id', '=', id)
    .where('phase', 'in', [...LIVE])
    .executeTakeFirst()
  return Number(numUpdatedRows) > 0
}

export type LearningEnd = {
  phase: Extract<LearningPhase, 'done' | 'refused' | 'cancelled'>
  reason?: string
  outcome?: LearningOutcome
  modelVersion?: number
  flowVersion?: number
  nowMs: number
}

/** False if it was over already. */
export async function endLearning(tx: Tx, id: LearningId, end: LearningEnd): Promise<boolean> {
  const { phase, reason, outcome, modelVersion, flowVersion, nowMs } = end
  const { numUpdatedRows } = await tx
    .updateTable('learnings')
    .set({
      phase,
      reason: reason ?? null,
      ...(outcome && { outcome: toJson(outcome), rows: storedRows(outcome.rows) }),
      ...(modelVersion !== undefined && { model_version: modelVersion }),
      ...(flowVersion !== undefined && { flow_version: flowVersion }),
      ended_at_ms: nowMs,
    })
    .where('id', '=', id)
    .where('phase', 'in', [...LIVE])
    .executeTakeFirst()
  return Number(numUpdatedRows) > 0
}

const JOINT: DetectorKind = 'joint'

const versionsOf = ({ model_version, flow_version }: LearningTable) => ({
  ...(model_version !== null && { modelVersion: model_version }),
  ...(flow_version !== null && { flowVersion: flow_version }),
})

/** The versions of a joint detector, which has the name of the order. */
export const jointVersionsOf = (row: LearningTable, fleet: string): Partial<Learning> =>
  row.outcome !== null && fromJson(row.outcome).chosen === JOINT && row.model_version !== null
    ? { ...versionsOf(row), detector: Name.parse(fleet) }
    : {}

/** The learning as the API shows it. */
export function learningOf(row: LearningTable): Learning {
  const spec = fromJson(row.spec)
  const outcome = row.outcome === null ? undefined : fromJson(row.outcome)
  return {
    id: row.id,
    spec,
    phase: row.phase,
    rows: row.rows,
    rowsWanted: rowsWantedOf(spec),
    ...(row.reason !== null && { reason: row.reason }),
    ...(outcome && { outcome }),
    // They are those of another name.
    ...(outcome?.chosen !== JOINT && versionsOf(row)),
    createdAtMs: Number(row.created_at_ms),
    createdBy: row.created_by,
    ...(row.ended_at_ms !== null && { endedAtMs: Number(row.ended_at_ms) }),
  }
}
