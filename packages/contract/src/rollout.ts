/** Rollouts: one revision of a deployment on its way through the fleet, as people see it. */
import * as z from 'zod'
import { DeploymentId, DeviceId, RolloutId } from './ids.ts'
import { Cause, ItemState } from './item.ts'
import { InstantMs, Name } from './names.ts'

/**
 *     rolling ⇄ paused;  rolling → done;  rolling, paused → aborted | rolled-back | superseded
 *
 * aborted: no device is offered the revision any more, and those that run it well keep it. rolled-back: each device that
 * had it goes back to its own last good one. superseded: a newer revision took over.
 */
export const RolloutStatus = z.enum(['rolling', 'paused', 'done', 'aborted', 'rolled-back', 'superseded'])
export type RolloutStatus = z.infer<typeof RolloutStatus>

/**
 * waiting: its wave has not opened. offered: asked, and not decided yet. tolerated: failed, and a person who resumed the rollout
 * bears it. skipped: was offline when its wave opened, and is offered the revision when it comes back after the rollout is done.
 */
export const Outcome = z.enum(['waiting', 'offered', 'healthy', 'failed', 'timed-out', 'tolerated', 'skipped'])
export type Outcome = z.infer<typeof Outcome>

const count = z.int().min(0)

/** How many devices of a wave stand where. */
export const OutcomeCounts = z.strictObject({
  waiting: count,
  offered: count,
  healthy: count,
  failed: count,
  'timed-out': count,
  tolerated: count,
  skipped: count,
})
export type OutcomeCounts = z.infer<typeof OutcomeCounts>

export const RolloutWave = z.strictObject({
  name: z.string(),
  counts: OutcomeCounts,
  openedAtMs: InstantMs.optional(),
  /** Since when every device of the wave has been decided within the limit. */
  soakingSinceMs: InstantMs.optional(),
})
export type RolloutWave = z.infer<typeof RolloutWave>

export const Rollout = z.strictObject({
  id: RolloutId,
  deploymentId: DeploymentId,
  deployment: Name,
  revision: z.int().min(1),
  model: Name,
  version: z.int().min(1),
  status: RolloutStatus,
  /** Why it stands as it does, where that needs saying. */
  reason: z.string().optional(),
  /** The newest open wave. */
  wave: z.int().min(0),
  waves: z.array(RolloutWave),
  createdAtMs: InstantMs,
  changedAtMs: InstantMs,
})
export type Rollout = z.infer<typeof Rollout>

export const RolloutDevice = z.strictObject({
  deviceId: DeviceId,
  device: Name,
  site: Name,
  wave: z.int().min(0),
  outcome: Outcome,
  state: ItemState.optional(),
  cause: Cause.optional(),
  offeredAtMs: InstantMs.optional(),
  decidedAtMs: InstantMs.optional(),
})
export type RolloutDevice = z.infer<typeof RolloutDevice>
