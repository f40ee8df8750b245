/** Deployments: declared intent, what goes where and how. */
import * as z from 'zod'
import { DeploymentId, DeviceId, RolloutId } from './ids.ts'
import { VersionReference } from './model.ts'
import { InstantMs, Name, SelectorText } from './names.ts'
import { Probation, Serving } from './serving.ts'

/** A number of devices, or a share of those that the deployment picks, rounded up: `5` or `"10%"`. */
export const Amount = z.union([
  z.int().min(0).max(1_000_000),
  z.string().regex(/^(100|[1-9]?[0-9])(\.[0-9]{1,2})?%$/, 'must be a whole number or a percentage such as 10%'),
])
export type Amount = z.infer<typeof Amount>

export const WaveSpec = z.strictObject({
  name: Name.optional(),
  /** Which of the devices not yet in a wave belong here; all where absent. */
  selector: SelectorText.optional(),
  /** At most so many of them; all where absent. */
  limit: Amount.optional(),
  /** How long the wave must stay healthy, after its last device has become so, before the next one opens. */
  soakSeconds: z.int().min(0).max(2_592_000).default(0),
  /** Failures that are borne; one more stops the rollout. A share is of the devices that had a chance, and waits for `minExecuted`. */
  failuresMax: Amount.default(0),
  minExecuted: z.int().min(1).max(1_000_000).default(1),
  /** A device that was offered the revision and has said nothing decisive for so long has timed out. One day by default. */
  deadlineSeconds: z.int().min(1).max(2_592_000).default(86_400),
})
export type WaveSpec = z.infer<typeof WaveSpec>

export const Strategy = z.strictObject({
  /** In order; the devices that no wave picks form an implicit last one. 100 waves are past what anybody watches. */
  waves: z.array(WaveSpec).max(100).default([]),
  /** Where a device goes that begins to match while a rollout is under way: by the waves' selectors, to the last wave, or nowhere. */
  lateJoiners: z.enum(['wave', 'last', 'hold']).default('last'),
  /** wait: an offline device has until the deadline, then counts as timed out. skip: one that is offline when its wave opens is left for later. */
  offline: z.enum(['wait', 'skip']).default('wait'),
  /** What happens when the failures of a wave pass its limit. */
  onFailure: z.enum(['pause', 'abort', 'rollback-wave', 'rollback-all']).default('pause'),
})
export type Strategy = z.infer<typeof Strategy>

export const DeploymentSpec = z.strictObject({
  name: Name,
  model: Name,
  /** Resolved to a number when the deployment is applied; an alias that moves later changes nothing until it is applied again. */
  version: VersionReference.default('latest'),
  /** The devices that shall run it. */
  selector: SelectorText.default('true'),
  strategy: Strategy.prefault({}),
  serving: Serving.prefault({}),
  probation: Probation.prefault({}),
})
export type DeploymentSpec = z.infer<typeof DeploymentSpec>

export const Deployment = z.strictObject({
  id: DeploymentId,
  name: Name,
  /** Counts changes of the spec from 1; each has one rollout. */
  revision: z.int().min(1),
  /** The newest revision whose rollout is done: what late joiners get while a newer one is unproven. */
  stableRevision: z.int().min(1).optional(),
  spec: DeploymentSpec,
  /** What `spec.version` meant when it was applied. */
  version: z.int().min(1),
  rolloutId: RolloutId,
  /** Devices where another deployment already owns the model's name: it keeps them. */
  conflicts: z.int().min(0),
  createdAtMs: InstantMs,
  changedAtMs: InstantMs,
})
export type Deployment = z.infer<typeof Deployment>

const PlannedDevice = z.strictObject({ id: DeviceId, name: Name, site: Name })

/** What would happen: shown before anything starts. Lists are cut at 500 names; counts are exact. */
export const DeploymentPlan = z.strictObject({
  change: z.enum(['create', 'update', 'none']),
  version: z.int().min(1),
  waves: z.array(z.strictObject({ name: z.string(), count: z.int().min(0), devices: z.array(PlannedDevice).max(500) })),
  /** Devices that will not run it, and why. */
  refused: z.array(z.strictObject({ ...PlannedDevice.shape, code: z.string(), message: z.string() })).max(500),
  bytesPerDevice: z.int().min(0),
})
export type DeploymentPlan = z.infer<typeof DeploymentPlan>

/** Why a device does, or does not, run what a deployment says. */
export const Explanation = z.strictObject({
  device: Name,
  deployment: Name,
  picked: z.boolean(),
  /** In the order they were asked; the first that failed decides. */
  checks: z.array(z.strictObject({ check: z.string(), passed: z.boolean(), detail: z.string() })),
  wave: z.int().min(0).optional(),
  /** The version that the device is offered now; absent when none. */
  offeredVersion: z.int().min(1).optional(),
  servingVersion: z.int().min(1).optional(),
  summary: z.string(),
})
export type Explanation = z.infer<typeof Explanation>
