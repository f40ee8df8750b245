/** Stage store: the place of each device between two releases, as rows. */
import type { DeploymentId, DeviceId, OrganisationId } from '@skerry/contract/values/ids'
import { isReturned, isWhole, type PartsOf, releaseSteps, type Stage } from '@skerry/core/systems/stage'
import { fromJson, toJson } from '../store/json-column.ts'
import { padded } from '../store/many-rows.ts'
import type { Db, Tx } from '../store/store.ts'
import type { SystemStageTable } from '../store/tables/systems/system-tables.ts'

export type StageKey = { deviceId: DeviceId; deploymentId: DeploymentId }

/** The stages of these devices. */
export async function stagesOf(db: Db, deviceIds: readonly DeviceId[]): Promise<SystemStageTable[]> {
  if (deviceIds.length === 0) return []
  return db
    .selectFrom('system_stages')
    .selectAll()
    .where('device_id', 'in', padded([...deviceIds]))
    .execute()
}

/** A row of `system_stages` as core knows it. */
export const stageOf = (row: SystemStageTable): Stage => ({
  to: row.to_revision,
  ...(row.from_revision !== null && { from: row.from_revision }),
  at: row.at_step,
  isBack: row.is_back === 1,
  retryToken: row.retry_token,
  ...(row.failure !== null && { failure: fromJson(row.failure) }),
})

export type NewStage = StageKey & {
  organisationId: OrganisationId
  stage: Stage
  partsOf: PartsOf
  /** The first document of this stage; null before it is issued. */
  generation: number | null
  nowMs: number
}

/** Stores the stage of the device. */
export async function putStage(tx: Tx, { deviceId, deploymentId, organisationId, ...rest }: NewStage): Promise<void> {
  const { stage, partsOf, generation, nowMs } = rest
  const isStill = isReturned(stage) || isWhole(stage, releaseSteps(stage, partsOf))
  const columns = {
    to_revision: stage.to,
    from_revision: stage.from ?? null,
    at_step: stage.at,
    is_back: stage.isBack ? (1 as const) : (0 as const),
    retry_token: stage.retryToken,
    failure: stage.failure ? toJson(stage.failure) : null,
    is_moving: isStill ? null : (1 as const),
    generation,
    since_ms: nowMs,
  }
  await tx
    .insertInto('system_stages')
    .values({ device_id: deviceId, deployment_id: deploymentId, organisation_id: organisationId, ...columns })
    .onConflict((conflict) => conflict.columns(['device_id', 'deployment_id']).doUpdateSet(columns))
    .execute()
}

/** Names the first document of a stage that has none yet. */
export async function keepStageGeneration(
  tx: Tx,
  { deviceId, deploymentId }: StageKey,
  generation: number,
): Promise<void> {
  await tx
    .updateTable('system_stages')
    .set({ generation })
    .where('device_id', '=', deviceId)
    .where('deployment_id', '=', deploymentId)
    .execute()
}

/** The device has no part of the deployment any more. */
export async function deleteStage(tx: Tx, { deviceId, deploymentId }: StageKey): Promise<void> {
  await tx
    .deleteFrom('system_stages')
    .where('device_id', '=', deviceId)
    .where('deployment_id', '=', deploymentId)
    .execute()
}

/** Devices that one look reads. The engine looks every ten seconds, and reports wake it before that. */
const MOVING_MAX = 500

/** The devices with a step in progress whose reports can decide it, by id. Silent ones cost nothing. */
export async function movingDevices(db: Db, after: DeviceId | undefined): Promise<DeviceId[]> {
  const rows = await db
    .selectFrom('system_stages as stage')
    .innerJoin('device_reports', (join) =>
      join
        .onRef('device_reports.device_id', '=', 'stage.device_id')
        .onRef('device_reports.observed_generation', '>=', 'stage.generation'),
    )
    .select('stage.device_id')
    .distinct()
    .where('stage.is_moving', '=', 1)
    .$if(after !== undefined, (select) => select.where('stage.device_id', '>', after as DeviceId))
    .orderBy('stage.device_id')
    .limit(MOVING_MAX)
    .execute()
  return rows.map(({ device_id }) => device_id)
}
