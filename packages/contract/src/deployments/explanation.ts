/** Explanation: the answer to the question why a device runs, or does not run, the version of a deployment. */
import * as z from 'zod'
import { NamedBuild } from '../builds/named-build.ts'
import { PARTS_MAX, PartStanding } from '../systems/system-release.ts'
import { Name } from '../values/names.ts'

export const Explanation = z.strictObject({
  device: Name,
  deployment: Name,
  picked: z.boolean(),
  /** In the order of the checks; the first that failed decides. */
  checks: z.array(z.strictObject({ check: z.string(), passed: z.boolean(), detail: z.string() })),
  wave: z.int().min(0).optional(),
  /** The version that the device is offered now; absent when none. */
  offeredVersion: z.int().min(1).optional(),
  servingVersion: z.int().min(1).optional(),
  summary: z.string(),
  /** The build that the deployment gives the device; absent if that is the version itself. */
  build: NamedBuild.optional(),
  /** Why the device gets that form of the version; absent if the deployment names no build. */
  form: z.string().optional(),
  /** The parts of a system release, in its order; absent for other kinds. */
  parts: z
    .array(PartStanding)
    .max(2 * PARTS_MAX)
    .optional(),
  /** The commands that help after a failure. */
  next: z.array(z.string()).optional(),
})
export type Explanation = z.infer<typeof Explanation>
