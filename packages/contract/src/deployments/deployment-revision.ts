/** Deployment revision: an earlier spec of a deployment, with its rollout and its author. */
import * as z from 'zod'
import { Recipe } from '../builds/build.ts'
import { ClassBuild } from '../builds/measurement.ts'
import { RolloutStatus } from '../rollouts/rollout.ts'
import { BuildId, RolloutId } from '../values/ids.ts'
import { InstantMs } from '../values/names.ts'
import { DeploymentSpec } from './deployment.ts'

/** The spec of a deployment at one time. Kept while a device can still roll back to it, ten of them at least. */
export const DeploymentRevision = z.strictObject({
  revision: z.int().min(1),
  spec: DeploymentSpec,
  /** The version to which `spec.version` resolved then. */
  version: z.int().min(1),
  /** The build to which `spec.build` resolved then, or the builds that the revision fixes for the classes. */
  build: BuildId.optional(),
  choices: z.array(ClassBuild).optional(),
  /** The recipe of `build`. Older hubs do not send it. */
  recipe: Recipe.optional(),
  /** Its rollout; absent if that was long ago. */
  rollout: z.strictObject({ id: RolloutId, status: RolloutStatus, startedAtMs: InstantMs }).optional(),
  /** The earlier revision that it rolled the deployment back to, if it did. */
  rollbackTo: z.int().min(1).optional(),
  /** The name of the actor in the audit trail; absent if the record is too far back. */
  appliedBy: z.string().optional(),
})
export type DeploymentRevision = z.infer<typeof DeploymentRevision>
