/** New learning: the record of a learning that begins, and the recipes that cannot work on any device. */
import {
  KEEP_SECONDS,
  LEARNED_ROWS_MAX,
  type LearningSpec,
  rowsWantedOf,
  shadowRowsOf,
  usualShadowSeconds,
} from '@skerry/contract/learning/learning'
import { permissionsOfCaller } from '@skerry/core/people/access'
import { findRules } from '../approvals/approval-store.ts'
import type { DeviceRow } from '../devices/device-store.ts'
import type { KeyCall } from '../http/call.ts'
import { problem } from '../http/problem.ts'
import { toJson } from '../store/json-column.ts'
import type { LearningTable } from '../store/tables/learning/learning-tables.ts'

/** Throws with the reason why no device can learn by it for this caller. */
export async function refuseRecipe(call: KeyCall, recipe: Omit<LearningSpec, 'name' | 'device'>): Promise<void> {
  const refuse = (message: string) => problem('learning_refused', message)
  const rows = recipe.recording === undefined ? rowsWantedOf(recipe) : 0
  if (rows > LEARNED_ROWS_MAX)
    throw refuse(`${rows} rows are over ${LEARNED_ROWS_MAX}; learn for a shorter time, or take a row less often`)
  const shadowRows = shadowRowsOf(recipe)
  if (shadowRows > LEARNED_ROWS_MAX)
    throw refuse(`a shadow of ${shadowRows} rows is over ${LEARNED_ROWS_MAX}; shorten it, or take a row less often`)
  if (recipe.result !== 'deploy') return
  const trouble = await deployTrouble(call)
  if (trouble) throw refuse(DEPLOY_TROUBLES[trouble])
}

type DeployTrouble = 'permission' | 'two people'

const DEPLOY_TROUBLES: Readonly<Record<DeployTrouble, string>> = {
  permission: 'the result deploy needs the permission deployment.write, which your role lacks',
  'two people': 'your organisation asks for two people to deploy; take the result version, and deploy it afterwards',
}

/** Why the hub may not change a deployment for this caller alone. */
export async function deployTrouble({ hub, organisationId, caller }: KeyCall): Promise<DeployTrouble | undefined> {
  if (!permissionsOfCaller(caller).includes('deployment.write')) return 'permission'
  return (await findRules(hub.store.db, organisationId)).deployments === undefined ? undefined : 'two people'
}

/** The record of a learning that waits for its device. */
export function learningRow(
  { hub, organisationId, caller }: KeyCall,
  spec: LearningSpec,
  device: Pick<DeviceRow, 'id' | 'name'>,
): LearningTable {
  return {
    id: hub.ids.learning(),
    organisation_id: organisationId,
    name: spec.name,
    device_id: device.id,
    spec: toJson({
      ...spec,
      device: device.name,
      shadowSeconds: spec.shadowSeconds ?? usualShadowSeconds(spec),
      keepSeconds: spec.keepSeconds ?? KEEP_SECONDS,
    }),
    phase: 'waiting',
    seed: Math.floor(hub.random() * 2 ** 32),
    rows: 0,
    reason: null,
    outcome: null,
    model_version: null,
    flow_version: null,
    created_at_ms: hub.clock.nowMs(),
    created_by: caller.name,
    ended_at_ms: null,
  }
}
