/** Handler of the proposal of a schedule: it reads the steps of the last week, and core decides. */

import type { ScaleStep, Scaling } from '@skerry/contract/scaling/scaling'
import type { ScheduleProposal } from '@skerry/contract/scaling/schedule-proposal'
import type { DeviceId } from '@skerry/contract/values/ids'
import { windowAt } from '@skerry/core/device/update-hold'
import { learnSchedule } from '@skerry/core/scaling/learn-schedule'
import { windowStart } from '@skerry/platform/process/window-starts'
import { type DeploymentInForce, findDeployment } from '../deployments/deployment-store.ts'
import { os } from '../http/implementer.ts'
import { problem, unknownName } from '../http/problem.ts'
import { fromJson } from '../store/json-column.ts'
import type { Db } from '../store/store.ts'
import { scaleRowOf } from './scale-store.ts'
import { coursesOf, STEPS_KEPT_MS } from './step-store.ts'

/** The median of so many devices does not change with more. */
const DEVICES_MAX = 50

export const learnHandler = os.scaling.learn.handler(async ({ context: { hub, organisationId }, input }) => {
  const { db } = hub.store
  const deployment = await findDeployment(db, organisationId, input.deployment)
  if (!deployment) throw unknownName('deployment_unknown', input.deployment)
  const { serving, placement } = deployment.spec
  if (!serving.scaling && !placement?.scaling) {
    throw problem('scaling_missing', `the deployment ${input.deployment} has no scaling policy`)
  }
  const asked = { db, deployment, nowMs: hub.clock.nowMs(), timeZone: input.timeZone }
  const answer: ScheduleProposal = { deployment: input.deployment, revision: deployment.revision }
  if (serving.scaling) answer.workers = await learnPart(serving.scaling, await devicesOf(db, deployment), asked)
  if (placement?.scaling) {
    const row = await scaleRowOf(db, deployment.id)
    answer.replicas = await learnPart(placement.scaling, [{ id: '', count: row?.replicas }], asked)
  }
  return answer
})

/** A subject of steps with its present number, which it has had all the week if it has no steps. */
type Subject = { id: DeviceId | ''; count: number | undefined }

type Asked = { db: Db; deployment: DeploymentInForce; nowMs: number; timeZone: string }

async function learnPart(policy: Scaling, subjects: readonly Subject[], { db, deployment, nowMs, timeZone }: Asked) {
  const { courses, fromMs } = await coursesOf(db, {
    deploymentId: deployment.id,
    subjects: subjects.map(({ id }) => id),
    fromMs: nowMs - STEPS_KEPT_MS,
  })
  return learnSchedule(policy, {
    courses: subjects.map(({ id, count }) => wholeCourse(courses.get(id) ?? [], count, fromMs)),
    fromMs,
    nowMs,
    timeZone,
    isOpen: (window, timeMs) => windowAt(window, { timeMs, windowStart }).kind === 'open',
  })
}

/** The steps, with the number that was there before them. An item that began in the week had none before. */
function wholeCourse(steps: ScaleStep[], count: number | undefined, fromMs: number): ScaleStep[] {
  const [first] = steps
  const before = first === undefined ? count : first.code === 'started' ? undefined : first.from
  if (before === undefined) return steps
  return [{ atMs: fromMs, from: before, to: before, code: 'held', reason: 'the number of before' }, ...steps]
}

async function devicesOf(db: Db, { id, organisationId }: DeploymentInForce): Promise<Subject[]> {
  const rows = await db
    .selectFrom('device_items')
    .select(['device_id', 'scale'])
    .where('organisation_id', '=', organisationId)
    .where('deployment_id', '=', id)
    .orderBy('device_id')
    .limit(DEVICES_MAX)
    .execute()
  return rows.map(({ device_id, scale }) => ({
    id: device_id,
    count: scale === null ? undefined : fromJson(scale).count,
  }))
}
