/**
 * Items: one deployed version on one device, as the device reports it. Levels, never edges: a lost or repeated report changes nothing. Fields of a
 * newer agent are dropped.
 */
import * as z from 'zod'
import { VersionKind } from '../kinds/kinds.ts'
import { Digest } from '../values/digest.ts'
import { DeploymentId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

/**
 * An item's life on a device.
 *
 *     absent → fetching → verifying → loading → golden → (shadow) → (ready) → probation → active → retiring → absent
 *                 └──────────┴───────────┴─────────┴─────────┴──────────┴──────────┴── failed (remembered)
 *
 * shadow: it gets a copy of the traffic, and its answers are compared. ready: it could serve, and is told not to yet. A device is in either only
 * where its document asks for it, so a hub that does not know them never hears of them.
 */
export const ItemState = z.enum([
  'absent',
  'fetching',
  'verifying',
  'loading',
  'golden',
  'shadow',
  'ready',
  'probation',
  'active',
  'retiring',
  'failed',
])
export type ItemState = z.infer<typeof ItemState>

/** Why an item failed or waits: a stable code and words for people. */
export const Cause = z.object({
  code: z.string().regex(/^[a-z][a-z0-9_]{2,63}$/),
  message: z.string().max(1_000),
})
export type Cause = z.infer<typeof Cause>

/**
 * One numeric output of a version over the answers that were looked at: a sample, so that looking costs nothing that can be measured. Two of
 * these can be made one, exactly.
 */
export const OutputStats = z.object({
  name: z.string().max(200),
  /** Answers that were looked at, and those of them in which the output held nothing. */
  answers: z.int().min(0),
  empty: z.int().min(0),
  /** Numbers, and those that were none or infinite. What follows is of the numbers, and absent where there were none. */
  values: z.int().min(0),
  notFinite: z.int().min(0),
  mean: z.number().optional(),
  /** Of the values themselves, not an estimate for others: the root of the mean square difference to the mean. */
  std: z.number().min(0).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
})
export type OutputStats = z.infer<typeof OutputStats>

/** Models with more outputs have them named after each other as a rule; 256 items with four each keep a report under 256 KiB. */
export const OUTPUTS_MAX = 4

/** Requests that a version has answered since it was activated. */
export const VersionStats = z.object({
  requests: z.int().min(0),
  failures: z.int().min(0),
  /**
   * What a flow left out on its way to models and sinks, as its queues and `everyMs` state, or a model turned away as its queue was full: neither asked
   * nor failed. Absent where that is nothing.
   */
  dropped: z.int().min(0).optional(),
  p50Us: z.int().min(0).optional(),
  p99Us: z.int().min(0).optional(),
  outputs: z.array(OutputStats).max(OUTPUTS_MAX).optional(),
})
export type VersionStats = z.infer<typeof VersionStats>

/** Of the serving version. Agents of before do not say what is optional here. */
export const ServingStats = VersionStats.extend({
  /** How often the runner has ended by itself since the version was activated. */
  restarts: z.int().min(0).optional(),
  /** The version that it took over from, and how that fared until then. */
  replaced: z.object({ version: z.int().min(1), stats: VersionStats }).optional(),
})
export type ServingStats = z.infer<typeof ServingStats>

/** How the answers of a version that gets a copy of the traffic compare with those of the one that serves. */
export const ShadowStats = z.object({
  compared: z.int().min(0),
  matched: z.int().min(0),
  mismatched: z.int().min(0),
  /** It gave no answer, or not in time. */
  errors: z.int().min(0),
  /** Requests that it did not get because it was behind: it is never waited for. */
  dropped: z.int().min(0),
  /** The largest difference of any two numbers; absent before there was one. */
  maxDifference: z.number().min(0).optional(),
  p50Us: z.int().min(0).optional(),
  p99Us: z.int().min(0).optional(),
})
export type ShadowStats = z.infer<typeof ShadowStats>

export const ItemReport = z.object({
  kind: VersionKind,
  name: Name,
  deploymentId: DeploymentId,
  /** What the item is on its way to, or failed at. */
  target: z.object({
    revision: z.int().min(1),
    version: z.int().min(1),
    digest: Digest,
    retryToken: z.int().min(0),
  }),
  state: ItemState,
  cause: Cause.optional(),
  /** When the window opens that it waits for, by the device's clock. */
  opensAtMs: InstantMs.optional(),
  sinceMs: InstantMs,
  /** What answers requests now; absent when nothing does. */
  serving: z.object({ version: z.int().min(1), digest: Digest }).optional(),
  stats: ServingStats.optional(),
  /** It has passed all that it can pass without serving, and its document holds it there. */
  held: z.literal(true).optional(),
  /** How the target's answers compare with the serving version's, or did when it ceased to be a shadow. */
  shadow: ShadowStats.optional(),
})
export type ItemReport = z.infer<typeof ItemReport>

/** 256 items on one device is past what any gateway serves, and keeps a report under 256 KiB. */
export const ITEMS_MAX = 256
