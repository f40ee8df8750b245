/** Step store: the steps of scales, as devices report them and as the hub makes them. */
import type { ItemReport } from '@skerry/contract/devices/item'
import { type ScaleStep, SHOWN_STEPS_MAX } from '@skerry/contract/scaling/scaling'
import type { DeploymentId, DeviceId } from '@skerry/contract/values/ids'
import { sql } from 'kysely'
import type { Hub } from '../hub.ts'
import { piecesOf } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { DeviceTable } from '../store/tables/foundation-tables.ts'
import type { ScaleStepTable } from '../store/tables/place-tables.ts'

/** The steps of a report that the one before did not have. */
export function newSteps(
  device: Pick<DeviceTable, 'id' | 'organisation_id'>,
  item: ItemReport,
  before: ItemReport | undefined,
): ScaleStepTable[] {
  const { scale, deploymentId } = item
  if (!scale) return []
  const isSame = before?.deploymentId === deploymentId
  const knownMs = (isSame ? before.scale?.steps.at(-1)?.atMs : undefined) ?? Number.NEGATIVE_INFINITY
  return scale.steps
    .filter(({ atMs }) => atMs > knownMs)
    .map((step) => stepRow({ deploymentId, subject: device.id, organisationId: device.organisation_id }, step))
}

type StepOwner = {
  deploymentId: DeploymentId
  subject: DeviceId | ''
  organisationId: DeviceTable['organisation_id']
}

export const stepRow = ({ deploymentId, subject, organisationId }: StepOwner, step: ScaleStep): ScaleStepTable => ({
  deployment_id: deploymentId,
  subject,
  at_ms: step.atMs,
  organisation_id: organisationId,
  from_count: step.from,
  to_count: step.to,
  code: step.code,
  reason: step.reason,
})

/** A repeated report changes nothing. */
export async function appendSteps(tx: Tx, steps: readonly ScaleStepTable[]): Promise<void> {
  for (const rows of piecesOf([...steps])) {
    await tx
      .insertInto('scale_steps')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['deployment_id', 'subject', 'at_ms']).doNothing())
      .execute()
  }
}

/** The newest steps of one subject, the newest last. */
export async function stepsOf(db: Db, deploymentId: DeploymentId, subject: DeviceId | ''): Promise<ScaleStep[]> {
  const rows = await db
    .selectFrom('scale_steps')
    .selectAll()
    .where('deployment_id', '=', deploymentId)
    .where('subject', '=', subject)
    .orderBy('at_ms', 'desc')
    .limit(SHOWN_STEPS_MAX)
    .execute()
  return rows.reverse().map(stepOf)
}

const stepOf = ({ at_ms, from_count, to_count, code, reason }: ScaleStepTable): ScaleStep => ({
  atMs: at_ms,
  from: from_count,
  to: to_count,
  code,
  reason,
})

/** Two devices that change each minute for a week; further devices would say the same. */
const LEARNT_ROWS_MAX = 20_000

export type StepCourses = {
  /** By subject, the oldest step first. */
  courses: Map<string, ScaleStep[]>
  /** Nothing is missing after this time. */
  fromMs: number
}

/** The steps of some subjects since a time. If they are too many, since a later time. */
export async function coursesOf(
  db: Db,
  { deploymentId, subjects, fromMs }: { deploymentId: DeploymentId; subjects: readonly string[]; fromMs: number },
): Promise<StepCourses> {
  const rows = await db
    .selectFrom('scale_steps')
    .selectAll()
    .where('deployment_id', '=', deploymentId)
    .where('subject', 'in', subjects as (DeviceId | '')[])
    .where('at_ms', '>=', fromMs)
    .orderBy('at_ms', 'desc')
    .limit(LEARNT_ROWS_MAX)
    .execute()
  const courses = Map.groupBy(rows.reverse(), ({ subject }) => subject as string)
  return {
    courses: new Map([...courses].map(([subject, of]) => [subject, of.map(stepOf)])),
    fromMs: rows.length < LEARNT_ROWS_MAX ? fromMs : (rows[0]?.at_ms ?? fromMs),
  }
}

/**
 * A week shows the rhythm of a plant, and with one more day each hour of seven days is whole. Older steps belong into a
 * database for telemetry.
 */
export const STEPS_KEPT_MS = 8 * 86_400_000

/** Some 20 ms of the single writer, for which all others wait. */
const ROWS_AT_ONCE = 1_000

/** Removes the steps that are older than that. */
export async function sweepSteps(hub: Pick<Hub, 'store' | 'clock' | 'signal'>): Promise<number> {
  const beforeMs = hub.clock.nowMs() - STEPS_KEPT_MS
  let removed = 0
  while (!hub.signal.aborted) {
    const { rows } = await hub.store.transaction((tx) =>
      sql`
        delete from scale_steps where (deployment_id, subject, at_ms) in (
          select deployment_id, subject, at_ms from scale_steps where at_ms < ${beforeMs} limit ${ROWS_AT_ONCE}
        ) returning at_ms`.execute(tx),
    )
    removed += rows.length
    if (rows.length < ROWS_AT_ONCE) break
  }
  return removed
}
