/** Rollback: the return of a deployment to an earlier revision, as a new revision whose rollout has one wave. */
import * as z from 'zod'
import { DeviceId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import { DeploymentPlan, DeploymentSpec } from './deployment.ts'

/** Parts of a strategy that would delay a rollback. The new revision does not have them. */
export const DroppedPart = z.enum(['shadow', 'switchOver'])
export type DroppedPart = z.infer<typeof DroppedPart>

const version = z.int().min(1)
const end = z.strictObject({ revision: z.int().min(1), deployable: Name, version })

/** Devices that serve the same version now. It is the earlier version if they serve another form of it. */
export const RollbackMove = z.strictObject({
  /** Absent if they serve no version of it. */
  version: version.optional(),
  count: z.int().min(1),
  /** By name. The list is cut at 500 devices, and the count is exact. */
  devices: z.array(z.strictObject({ id: DeviceId, name: Name, site: Name })).max(500),
})
export type RollbackMove = z.infer<typeof RollbackMove>

/** The expected effect of a rollback. */
export const RollbackPlan = z.strictObject({
  /** The revision in force. */
  from: end,
  /** The earlier revision that the deployment returns to. */
  to: end,
  /** The spec of the new revision. */
  spec: DeploymentSpec,
  /** The parts of the strategy in force that the new revision does not have. */
  dropped: z.array(DroppedPart),
  /** The selected devices that serve another version or another build now, or none; most devices first. */
  moves: z.array(RollbackMove),
  /** The number of selected devices that serve the earlier version already, in the same form. */
  settled: z.int().min(0),
  plan: DeploymentPlan,
})
export type RollbackPlan = z.infer<typeof RollbackPlan>
