/** Rollback: the return of a deployment to an earlier revision, as a new revision whose rollout has one wave. */
import * as z from 'zod'
import { Recipe } from '../builds/build.ts'
import { wantedAndRunning } from '../rollouts/version-counts.ts'
import { DeviceId } from '../values/ids.ts'
import { Name } from '../values/names.ts'
import { DeploymentPlan, DeploymentSpec } from './deployment.ts'

/** Parts of a strategy that would delay a rollback. The new revision does not have them. */
export const DroppedPart = z.enum(['shadow', 'switchOver'])
export type DroppedPart = z.infer<typeof DroppedPart>

const version = z.int().min(1)
const end = z.strictObject({
  revision: z.int().min(1),
  deployable: Name,
  version,
  /** The recipe of the build that the revision gives its devices. Absent for the version itself, and for `best`. */
  recipe: Recipe.optional(),
})

/**
 * The reason not to trust the earlier revision: it did not end well, or a later revision rolled it back. Hubs up to
 * 0.1.0 do not send it.
 */
export const RollbackCaution = z.strictObject({
  /** failed: its rollout went on, although devices failed. */
  outcome: z.enum(['rolled-back', 'aborted', 'failed']),
  /** The reason of its rollout: a failed gate, or the text of a person. */
  reason: z.string().optional(),
  /** The later revision that rolled the deployment back from it. */
  by: z.int().min(1).optional(),
  /** The number of devices that failed. */
  failed: z.int().min(1).optional(),
})
export type RollbackCaution = z.infer<typeof RollbackCaution>

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
  /** Absent if the earlier revision went well. */
  caution: RollbackCaution.optional(),
  /** The revision that the devices run now, if it is older than the revision to return to. */
  forwardFrom: z.int().min(1).optional(),
  /** The versions that the devices should run now, and run by their last reports. Older hubs do not send them. */
  now: z.strictObject(wantedAndRunning).optional(),
})
export type RollbackPlan = z.infer<typeof RollbackPlan>
