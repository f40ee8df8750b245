/** Handler of the procedure on scaling policies: the present number and the steps, for workers and replicas. */
import type { DeviceScale, Scaling } from '@skerry/contract/scaling/scaling'
import { Name } from '@skerry/contract/values/names'
import { type DeploymentInForce, findDeployment } from '../deployments/deployment-store.ts'
import { os } from '../http/implementer.ts'
import { problem, unknownName } from '../http/problem.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { learnHandler } from './learn-handler.ts'
import { scaleRowOf } from './scale-store.ts'
import { stepsOf } from './step-store.ts'

export const scalingHandlers = {
  learn: learnHandler,
  explain: os.scaling.explain.handler(async ({ context: { hub, organisationId }, input }) => {
    const { db } = hub.store
    const deployment = await findDeployment(db, organisationId, input.deployment)
    if (!deployment) throw unknownName('deployment_unknown', input.deployment)
    const { serving, placement } = deployment.spec
    if (!serving.scaling && !placement?.scaling) {
      throw problem('scaling_missing', `the deployment ${input.deployment} has no scaling policy`)
    }
    return {
      deployment: input.deployment,
      ...(serving.scaling && {
        workers: { policy: serving.scaling, devices: await devicesOf(db, deployment) },
      }),
      ...(placement?.scaling && { replicas: await replicasOf(db, deployment, placement.scaling) }),
    }
  }),
}

/** [contract, ScalingDecision] More devices are a list for a program. */
const DEVICES_MAX = 500

/** Charts of more devices are no help to a person; the present numbers of all of them are there. */
const CHARTED_MAX = 20

async function devicesOf(db: Db, { id, organisationId }: DeploymentInForce): Promise<DeviceScale[]> {
  const rows = await db
    .selectFrom('device_items')
    .innerJoin('devices', 'devices.id', 'device_items.device_id')
    .select(['devices.id', 'devices.name', 'device_items.scale'])
    .where('device_items.organisation_id', '=', organisationId)
    .where('device_items.deployment_id', '=', id)
    .orderBy('devices.name')
    .limit(DEVICES_MAX)
    .execute()
  const devices: DeviceScale[] = []
  for (const [at, row] of rows.entries()) {
    const { steps = [], ...now } = row.scale === null ? {} : fromJson(row.scale)
    devices.push({
      id: row.id,
      device: Name.parse(row.name),
      ...('count' in now && { now }),
      steps: at < CHARTED_MAX ? await stepsOf(db, id, row.id) : steps,
    })
  }
  return devices
}

async function replicasOf(db: Db, deployment: DeploymentInForce, policy: Scaling) {
  const row = await scaleRowOf(db, deployment.id)
  const idle = { concurrency: 0, queue: 0, rps: 0 }
  const now = row
    ? fromJson(row.now)
    : { count: 0, wanted: 0, reason: 'the hub has not measured the load yet', load: idle }
  return { policy, now, steps: await stepsOf(db, deployment.id, '') }
}
