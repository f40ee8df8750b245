/** Deployments: declared intent: which version runs on which devices, and how it gets there. */
import * as z from 'zod'
import { AppConfig, PlacedConfigs } from '../apps/config-schema.ts'
import { BuildReference, Recipe } from '../builds/build.ts'
import { ClassBuild } from '../builds/measurement.ts'
import { PlannedForm, ServedForm } from '../builds/named-build.ts'
import { VersionReference } from '../models/model.ts'
import { Probation, Serving, ShadowSpec, SwitchOver } from '../models/serving.ts'
import { Placement } from '../places/placement.ts'
import { FailureAction, PausedBy, RolloutFailure, RolloutStatus } from '../rollouts/rollout.ts'
import { wantedAndRunning } from '../rollouts/version-counts.ts'
import { Digest } from '../values/digest.ts'
import { BuildId, DeploymentId, DeviceId, RolloutId } from '../values/ids.ts'
import { InstantMs, Name, SelectorText } from '../values/names.ts'
import { Amount } from './amount.ts'
import { ANALYSES_IN_ALL_MAX, Analyses } from './analysis.ts'
import { FailureLimit } from './failure-limit.ts'
import { Budget, Rate, Retry } from './pace.ts'
import { UpdateWindows } from './update-window.ts'

export const WaveSpec = z.strictObject({
  name: Name.optional(),
  /** The devices of this wave, among those not yet in a wave; all if absent. */
  selector: SelectorText.optional(),
  /** The most devices of this wave; all if absent. */
  limit: Amount.optional(),
  /** How long the wave must stay healthy, after its last device has become so, before the next one opens. */
  soakSeconds: z.int().min(0).max(2_592_000).default(0),
  /**
   * Failures that are tolerated; one more stops the rollout. A share is of the devices that had a chance, and waits for
   * `minExecuted`.
   */
  failuresMax: Amount.default(0),
  minExecuted: z.int().min(1).max(1_000_000).default(1),
  /** Tighter limits for one kind of failure. */
  limits: z.array(FailureLimit).max(4).optional(),
  /**
   * A device that was offered the revision and has reported nothing decisive for this time has timed out. One day by
   * default.
   */
  deadlineSeconds: z.int().min(1).max(2_592_000).default(86_400),
  /** The wave opens only when somebody with the right to approve has approved it. */
  approval: z.boolean().optional(),
  /** The rollout pauses once the wave has passed, and continues when it is resumed. */
  pauseAfter: z.boolean().optional(),
  /**
   * It comes before all others, and each of its devices must come to run the version well: none may fail, and none is
   * skipped.
   */
  mandatory: z.boolean().optional(),
  /** The analyses while the wave rolls and soaks; it passes only when all of them are successful. */
  analysis: Analyses.optional(),
})
export type WaveSpec = z.infer<typeof WaveSpec>

/** The problem of a mandatory wave that comes too late for it, or tolerates failures. */
const mandatoryProblem = (waves: readonly WaveSpec[]) =>
  waves
    .map(({ mandatory, failuresMax }, index) => ({ mandatory, failuresMax, index }))
    .find(
      ({ mandatory, failuresMax, index }) =>
        mandatory && (failuresMax !== 0 || waves.slice(0, index).some((before) => !before.mandatory)),
    )?.index

export const Strategy = z.strictObject({
  /** In order; the devices that no wave picks form an implicit last one. 100 waves are more than anybody watches. */
  waves: z
    .array(WaveSpec)
    .max(100)
    .refine(
      (waves) => waves.reduce((sum, { analysis = [] }) => sum + analysis.length, 0) <= ANALYSES_IN_ALL_MAX,
      `at most ${ANALYSES_IN_ALL_MAX} analyses in all`,
    )
    .superRefine((waves, context) => {
      const index = mandatoryProblem(waves)
      const message = 'a mandatory wave comes before all others, and bears no failure (failuresMax: 0)'
      if (index !== undefined) context.addIssue({ code: 'custom', path: [index, 'mandatory'], message })
    })
    .default([]),
  /**
   * The wave of a device that begins to match while a rollout is under way: by the waves' selectors, the last wave, or
   * none.
   */
  lateJoiners: z.enum(['wave', 'last', 'hold']).default('last'),
  /**
   * wait: an offline device has until the deadline, then counts as timed out. skip: one that is offline when its wave
   * opens is left for later.
   */
  offline: z.enum(['wait', 'skip']).default('wait'),
  /** How fast devices are offered the revision; as fast as the hub can if absent. */
  rate: Rate.optional(),
  /** How many devices of a group may be unproven at once; any number if absent. */
  budget: Budget.optional(),
  /** Whether a device that failed gets further tries; it does not if absent. */
  retry: Retry.optional(),
  /** Each device compares the version by real requests before it serves; it does not if absent. */
  shadow: ShadowSpec.optional(),
  /** When devices may fetch the version and begin to serve it; at any time if absent. */
  window: UpdateWindows.optional(),
  /** Devices install it although an application on them holds an update lock: for a lock that is never released. */
  ignoreLocks: z.boolean().optional(),
  /** The waves only prepare the version; then all devices switch at once. If absent, they serve it as it comes. */
  switchOver: SwitchOver.optional(),
  /** The action when the failures of a wave pass its limit. */
  onFailure: FailureAction.default('pause'),
})
export type Strategy = z.infer<typeof Strategy>

export const DeploymentSpec = z.strictObject({
  name: Name,
  /** The name of what it deploys: a model or a flow. */
  deployable: Name,
  /**
   * Resolved to a number when the deployment is applied; an alias that moves later changes nothing until it is applied
   * again.
   */
  version: VersionReference.default('latest'),
  /**
   * The build of the version that devices get; the version itself if absent. A recipe is resolved to a build when the
   * deployment is applied, as the version is. So is a preference, such as `best`: then the revision fixes a build for each
   * class of hardware. Hubs up to 0.1.0 know `best` only.
   */
  build: BuildReference.optional(),
  /** The devices that shall run it. */
  selector: SelectorText.default('true'),
  /** The policy that chooses among these devices, now and when the fleet changes. All of them if absent. */
  placement: Placement.optional(),
  strategy: Strategy.prefault({}),
  serving: Serving.prefault({}),
  probation: Probation.prefault({}),
  /** The settings of an app, by its schema. Absent if all have their defaults. Hubs up to 0.1.0 reject it. */
  config: AppConfig.optional(),
  /** Settings that differ at a site or on a device. Hubs up to 0.1.0 reject it. */
  configAt: PlacedConfigs.optional(),
})
export type DeploymentSpec = z.infer<typeof DeploymentSpec>

export const Deployment = z.strictObject({
  id: DeploymentId,
  name: Name,
  /** Counts changes of the spec from 1; each has one rollout. */
  revision: z.int().min(1),
  /** The newest revision whose rollout is done: late joiners get it while a newer one is unproven. */
  stableRevision: z.int().min(1).optional(),
  spec: DeploymentSpec,
  /** The version to which `spec.version` resolved when it was applied. */
  version: z.int().min(1),
  /** The earlier revision to which the newest one rolled the deployment back, if it did: to all devices at once. */
  rollbackTo: z.int().min(1).optional(),
  rolloutId: RolloutId,
  /**
   * How that rollout stands. `total`: the devices of the deployment, those that joined later included. `healthy`: the
   * devices that have come to run the version well, and should still run it.
   */
  rolloutStatus: RolloutStatus,
  /** Only while the rollout is paused. Hubs up to 0.1.0 do not send it. */
  pausedBy: PausedBy.optional(),
  /** Some of the devices that it failed on. Absent if there are none. */
  failures: z.array(RolloutFailure).optional(),
  devices: z.strictObject({ total: z.int().min(0), healthy: z.int().min(0) }),
  ...wantedAndRunning,
  /** The build that `spec.build` meant when it was applied. Absent for `best`, and from older hubs. */
  build: BuildId.optional(),
  /** The recipe of that build. Older hubs do not send it. */
  recipe: Recipe.optional(),
  /** The builds that the revision fixes, if `spec.build` asks for the best. Other devices get the version itself. */
  choices: z.array(ClassBuild).optional(),
  /** The forms that devices serve by their last reports. Absent if no revision has a build, and in lists. */
  forms: z.array(ServedForm).optional(),
  /** Newer measurements choose other builds than the revision: applying it again is a change. Absent in lists. */
  isOutdated: z.boolean().optional(),
  /** Devices on which another deployment already owns the model's name: it keeps them. */
  conflicts: z.int().min(0),
  createdAtMs: InstantMs,
  changedAtMs: InstantMs,
})
export type Deployment = z.infer<typeof Deployment>

const PlannedDevice = z.strictObject({ id: DeviceId, name: Name, site: Name })

/** Why a picked device may not run the version, or not soon. */
export const CautionCode = z.enum([
  'device_offline',
  'memory_insufficient',
  'update_locked',
  'window_waits',
  'disk_low',
  'version_refused',
  'host_access',
])
export type CautionCode = z.infer<typeof CautionCode>

const amount = z.int().min(0)

const PlannedWave = z.strictObject({
  name: z.string(),
  count: amount,
  devices: z.array(PlannedDevice).max(500),
  /** The bytes to transfer to its devices together, without the files and the chunks of files that they have already. */
  bytes: amount,
  /** From its first offer to its end, at least: rate, probation and soak. */
  minSeconds: amount,
})

/** The expected effect, shown before anything starts. Lists are cut at 500 names; counts are exact. */
export const DeploymentPlan = z.strictObject({
  change: z.enum(['create', 'update', 'none']),
  version: z.int().min(1),
  /** The version that the deployment has now; absent if there is no deployment. */
  versionNow: z.int().min(1).optional(),
  waves: z.array(PlannedWave),
  /** Devices that will not run it, and why. */
  refused: z.array(z.strictObject({ ...PlannedDevice.shape, code: z.string(), message: z.string() })).max(500),
  refusedCount: amount,
  /** The number of rejected devices for each code; the most frequent first. */
  refusals: z.array(z.strictObject({ code: z.string(), count: amount })),
  /** Devices that are picked and may all the same not run it, or not soon; the most frequent first. */
  cautions: z.array(
    z.strictObject({ code: CautionCode, message: z.string(), count: amount, devices: z.array(PlannedDevice).max(500) }),
  ),
  /**
   * Devices that run the deployment now and lose the model. `acknowledgedLeaves` takes the digest, which stands for
   * exactly these; absent if there are none.
   */
  leaves: z.strictObject({ count: amount, devices: z.array(PlannedDevice).max(500), digest: Digest.optional() }),
  /** Groups in which the budget lets no device at all be offered it. */
  stuckGroups: z.array(z.strictObject({ group: z.string(), devices: amount })).max(500),
  stuckGroupCount: amount,
  /** The forms that the picked devices get, for each class of hardware, if the spec asks for the best build. */
  forms: z.array(PlannedForm).optional(),
  /** The size of the version, of its largest form: the transfer of a device that has none of its files. */
  bytesPerDevice: amount,
  /** To be moved to all devices together. */
  bytes: amount,
  /** Until it is done, at least; approvals and pauses that people end come on top. */
  minSeconds: amount,
})
export type DeploymentPlan = z.infer<typeof DeploymentPlan>

/** A device that a deployment picks, and that an older one with the same model keeps. */
export const DeploymentConflict = z.strictObject({ ...PlannedDevice.shape, owner: Name.optional() })
export type DeploymentConflict = z.infer<typeof DeploymentConflict>
