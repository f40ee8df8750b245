/** Rollouts: one revision of a deployment on its way through the fleet, as people see it. */
import * as z from 'zod'
import { Actor } from '../audit/audit.ts'
import { Recipe } from '../builds/build.ts'
import { Amount } from '../deployments/amount.ts'
import { AnalysisView, MeasurementPhase } from '../deployments/analysis.ts'
import { FailureLimit } from '../deployments/failure-limit.ts'
import { Cause, ItemState, ShadowStats } from '../devices/item.ts'
import { DeploymentId, DeviceId, RolloutId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'
import { wantedAndRunning } from './version-counts.ts'

/**
 * rolling ⇄ paused; rolling → done; rolling, paused → aborted | rolled-back | superseded
 *
 * aborted: no device is offered the revision any more, and those that run it well keep it. rolled-back: each device
 * that had it rolls back to its own last good one. superseded: a newer revision took over.
 */
export const RolloutStatus = z.enum(['rolling', 'paused', 'done', 'aborted', 'rolled-back', 'superseded'])
export type RolloutStatus = z.infer<typeof RolloutStatus>

/**
 * The origin of a pause. plan: a wave has passed, and its strategy pauses after it. person: somebody paused it. gate: a
 * gate failed or has no result.
 */
export const PausedBy = z.enum(['plan', 'person', 'gate'])
export type PausedBy = z.infer<typeof PausedBy>

/**
 * waiting: its wave has not opened.
 * offered: it has the offer, and is not decided yet.
 * failed: it broke there.
 * rejected: the device rejected it before it began, for example because memory was short.
 * timed-out: the device reported nothing decisive in time.
 * tolerated: one of these three, and a person who resumed the rollout tolerates it.
 * skipped: it was offline when its wave opened, and is offered the revision when it comes back after the rollout is
 * done; or it is in quarantine.
 */
export const Outcome = z.enum([
  'waiting',
  'offered',
  'healthy',
  'failed',
  'rejected',
  'timed-out',
  'tolerated',
  'skipped',
])
export type Outcome = z.infer<typeof Outcome>

/** The action of a rollout when the failures of a wave pass its limit. */
export const FailureAction = z.enum(['pause', 'abort', 'rollback-wave', 'rollback-all'])
export type FailureAction = z.infer<typeof FailureAction>

const count = z.int().min(0)

/** How many devices of a wave stand where. */
export const OutcomeCounts = z.strictObject({
  waiting: count,
  offered: count,
  healthy: count,
  failed: count,
  /** Absent in older records, which did not distinguish rejections from failures. */
  rejected: count.default(0),
  'timed-out': count,
  tolerated: count,
  skipped: count,
})
export type OutcomeCounts = z.infer<typeof OutcomeCounts>

/** The conditions that a wave must meet before the next one opens, from its deployment's strategy. */
export const WaveLimits = z.strictObject({
  failuresMax: Amount,
  /** 0 if no device has to prove anything: in a removal. */
  minExecuted: z.int().min(0),
  /** Limits for single kinds of failure. Undefined without such limits. */
  limits: z.array(FailureLimit).optional(),
  soakSeconds: z.int().min(0),
  deadlineSeconds: z.int().min(1),
  /** Its devices are those of the waves before it, which have the version ready: now they serve it. */
  isSwitch: z.literal(true).optional(),
  /**
   * Its devices lose the model, because the deployment no longer picks them. `healthy` means that the model is gone
   * there.
   */
  isRemoval: z.literal(true).optional(),
  /** It opens only when a person approves it. */
  approval: z.literal(true).optional(),
  /** None of its devices may fail, and none is skipped. */
  mandatory: z.literal(true).optional(),
  /** The rollout pauses once it has passed. */
  pauseAfter: z.literal(true).optional(),
})
export type WaveLimits = z.infer<typeof WaveLimits>

export const RolloutWave = z.strictObject({
  name: z.string(),
  limits: WaveLimits,
  counts: OutcomeCounts,
  openedAtMs: InstantMs.optional(),
  /** Since when every device of the wave has been decided within the limit. */
  soakingSinceMs: InstantMs.optional(),
  /** A person resumed the rollout although too few devices had reported a result. */
  isBorne: z.literal(true).optional(),
  /** Since when the wave waits for approval, all before it having passed. */
  awaitedSinceMs: InstantMs.optional(),
  /** A person let the wave open, which waited for approval. */
  isApproved: z.literal(true).optional(),
  /** A person resumed the rollout after it had paused because the wave had passed. */
  isReleased: z.literal(true).optional(),
  /** The analyses while it rolls and soaks, and their progress. */
  analyses: z.array(AnalysisView).optional(),
})
export type RolloutWave = z.infer<typeof RolloutWave>

/** The number of failed devices that a rollout names. A person reads no more of them in a line. */
export const FAILURES_SHOWN = 3

/** A device that failed, rejected the revision or timed out, and the reason. */
export const RolloutFailure = z.strictObject({
  device: Name,
  outcome: Outcome,
  /** The index of its wave. Hubs up to 0.1.0 do not send it. */
  wave: z.int().min(0).optional(),
  /** The cause in the device's last report. A device that timed out may have reported none. */
  code: z.string().optional(),
  message: z.string().optional(),
  /** The device did not try the version again, because it failed there before. */
  remembered: z.literal(true).optional(),
})
export type RolloutFailure = z.infer<typeof RolloutFailure>

/** Devices that were offered the revision, have reported no result, and are silent now. */
export const SilentDevices = z.strictObject({
  count: z.int().min(1),
  /** The first of them by name. */
  first: Name,
})
export type SilentDevices = z.infer<typeof SilentDevices>

export const Rollout = z.strictObject({
  id: RolloutId,
  deploymentId: DeploymentId,
  deployment: Name,
  revision: z.int().min(1),
  deployable: Name,
  version: z.int().min(1),
  /** The recipe of the build that the revision gives its devices. Older hubs do not send it. */
  recipe: Recipe.optional(),
  status: RolloutStatus,
  /** The reason of its status, if there is one. */
  reason: z.string().optional(),
  /** Only while it is paused. Hubs up to 0.1.0 do not send it. */
  pausedBy: PausedBy.optional(),
  /** Some of the devices that it failed on, of the earliest wave first. Absent if there are none. */
  failures: z.array(RolloutFailure).max(FAILURES_SHOWN).optional(),
  /** The silent devices that it waits for, at most until their deadline. Absent if there are none. */
  silent: SilentDevices.optional(),
  /** The earlier revision that it rolls the deployment back to, if it does. */
  rollbackTo: z.int().min(1).optional(),
  /** The index of the newest open wave. */
  wave: z.int().min(0),
  waves: z.array(RolloutWave),
  /**
   * The devices that joined after the rollout had ended, or that are held until then. No wave counts them. Absent if
   * there are none.
   */
  joinedLater: OutcomeCounts.optional(),
  /** On the devices of its deployment now, whichever of its rollouts brought the version. */
  ...wantedAndRunning,
  /** The action when the failures of a wave pass its limit. */
  onFailure: FailureAction,
  /** Rises when something of its devices changed; `rollout.changes` lists the changes. */
  sequence: count,
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
  /**
   * The device's last report on this revision, and its cause; it stays after the device has rolled back to another one.
   */
  state: ItemState.optional(),
  cause: Cause.optional(),
  /** The comparison of its answers with those of the serving version, by its last report. */
  shadow: ShadowStats.optional(),
  /** The number of further tries after a failure, and the time of the next one. */
  retries: z.int().min(1).optional(),
  retryAtMs: InstantMs.optional(),
  offeredAtMs: InstantMs.optional(),
  decidedAtMs: InstantMs.optional(),
})
export type RolloutDevice = z.infer<typeof RolloutDevice>

/**
 * An event of a rollout, derived from the audit trail and from its devices' rows.
 *
 * began: somebody applied the revision.
 * decided: a person or the hub steered it, or opened a wave.
 * device: one failed, rejected it, timed out, or a person tolerates its failure.
 * superseded: a newer revision took over.
 */
export const RolloutHappening = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('began'), atMs: InstantMs, actor: Actor.optional() }),
  z.strictObject({
    kind: z.literal('decided'),
    atMs: InstantMs,
    /** The number of the audit record. */
    sequence: z.int().min(1),
    action: z.string(),
    actor: Actor,
    reason: z.string().optional(),
    wave: z.string().optional(),
    /** The pause that the strategy asks for after this wave. */
    isPlanned: z.literal(true).optional(),
    counts: OutcomeCounts.optional(),
    /** The name of an analysis that ended. */
    analysis: Name.optional(),
    verdict: MeasurementPhase.optional(),
  }),
  z.strictObject({ kind: z.literal('device'), atMs: InstantMs, device: RolloutDevice }),
  z.strictObject({ kind: z.literal('superseded'), atMs: InstantMs, revision: z.int().min(2), rolloutId: RolloutId }),
])
export type RolloutHappening = z.infer<typeof RolloutHappening>
