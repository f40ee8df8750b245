/**
 * Items: one deployed version on one device, as the device reports it. Levels, never edges: a lost or repeated report
 * changes nothing. Fields of a newer agent are dropped.
 */
import * as z from 'zod'
import { VersionKind } from '../kinds/kinds.ts'
import { ItemScale } from '../scaling/scaling.ts'
import { Digest } from '../values/digest.ts'
import { DeploymentId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

/**
 * An item's life on a device.
 *
 *     absent → fetching → verifying → loading → golden → (shadow) → (ready) → probation → active → retiring → absent
 *                 └──────────┴───────────┴─────────┴─────────┴──────────┴──────────┴── failed (remembered)
 *
 * shadow: it gets a copy of the traffic, and its answers are compared. ready: it could serve, and must not yet. A
 * device is in either only if its document requests it, so a hub that does not know them never receives them.
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
  /**
   * The device did not try the version again, because it failed there before. Older agents do not send it, and older
   * hubs drop it.
   */
  remembered: z.literal(true).optional(),
})
export type Cause = z.infer<typeof Cause>

/**
 * One numeric output of a version over the answers that were looked at: a sample, so that looking costs nothing that
 * can be measured. Two of these can be made one, exactly.
 */
export const OutputStats = z.object({
  name: z.string().max(200),
  /** Answers that were looked at, and those of them in which the output held nothing. */
  answers: z.int().min(0),
  empty: z.int().min(0),
  /**
   * Numbers, and those that were NaN or infinite. The following figures are of the finite numbers, and absent if there
   * were none.
   */
  values: z.int().min(0),
  notFinite: z.int().min(0),
  mean: z.number().optional(),
  /** The deviation of these values, not an estimate for others: the root of the mean square difference to the mean. */
  std: z.number().min(0).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
})
export type OutputStats = z.infer<typeof OutputStats>

/**
 * Models with more outputs have them named after each other as a rule; 256 items with four each keep a report under 256
 * KiB.
 */
export const OUTPUTS_MAX = 4

/** Four buckets a doubling: a percentile from them is within 9.1 % of the truth. */
export const LATENCY_BUCKETS_PER_DOUBLING = 4

/** From 1 µs to 2^32 µs, past any deadline, and one bucket for all that is shorter. */
export const LATENCY_BUCKETS = 32 * LATENCY_BUCKETS_PER_DOUBLING + 1

/**
 * Answered requests by latency. Bucket 0 is up to 1 µs, and bucket n is up to 2^(n/4) µs. The list begins with the
 * first bucket that has a request, and ends with the last one. Counts of devices and times can be added.
 */
export const LatencyCounts = z.object({
  first: z
    .int()
    .min(0)
    .max(LATENCY_BUCKETS - 1),
  counts: z.array(z.int().min(0)).min(1).max(LATENCY_BUCKETS),
})
export type LatencyCounts = z.infer<typeof LatencyCounts>

/** Requests that a version has answered since it was activated. */
export const VersionStats = z.object({
  requests: z.int().min(0),
  failures: z.int().min(0),
  /**
   * Values that a flow left out on their way to models and sinks, by its queues and `everyMs`. For a model: requests
   * that it rejected because its queue was full. They count neither as requests nor as failures. Absent if there were
   * none.
   */
  dropped: z.int().min(0).optional(),
  p50Us: z.int().min(0).optional(),
  /** Goals of optimisations are about it. */
  p95Us: z.int().min(0).optional(),
  p99Us: z.int().min(0).optional(),
  outputs: z.array(OutputStats).max(OUTPUTS_MAX).optional(),
  /** Since its runner started. Absent in `replaced`. A form that the hub cannot read is dropped alone. */
  latency: LatencyCounts.optional().catch(undefined),
})
export type VersionStats = z.infer<typeof VersionStats>

/** For the serving version. Older agents do not send the optional fields. */
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

/** 256 items with this many figures take about 500 KB, half of a link message. */
export const FIGURES_MAX = 8

/** The name of a figure, such as `restarts`. */
const FigureName = z.string().regex(/^[a-z][A-Za-z0-9]{0,31}$/)
const Figure = z.union([z.number(), z.boolean(), z.string().max(200)])

/**
 * Figures and short texts that only the kind has. The kind chooses the names. The hub stores and shows them, and decides nothing by them, so a kind needs
 * no schema for them.
 */
export const Figures = z
  .record(FigureName, Figure)
  .refine((figures) => Object.keys(figures).length <= FIGURES_MAX, `at most ${FIGURES_MAX} figures`)
export type Figures = z.infer<typeof Figures>

/** The figures that this reader knows how to show. Others, of a newer sender, are dropped one by one. Undefined if none is left. */
export function readFigures(input: unknown): Figures | undefined {
  const entries = typeof input === 'object' && input !== null && !Array.isArray(input) ? Object.entries(input) : []
  const known = entries.flatMap(([name, value]) => {
    const figure = Figure.safeParse(value)
    return figure.success && FigureName.safeParse(name).success ? [[name, figure.data] as const] : []
  })
  return known.length === 0 ? undefined : Object.fromEntries(known.slice(0, FIGURES_MAX))
}

export const ItemReport = z.object({
  kind: VersionKind,
  name: Name,
  deploymentId: DeploymentId,
  /** The target of the item, also if it failed there. */
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
  /** The version that answers requests now; absent if none does. */
  serving: z.object({ version: z.int().min(1), digest: Digest }).optional(),
  stats: ServingStats.optional(),
  /** Of the serving version: the kind's own figures. */
  figures: Figures.optional(),
  /**
   * Of the serving version: the number of its workers, and the reasons. Absent without a scaling policy. A form that
   * the hub cannot read is dropped alone.
   */
  scale: ItemScale.optional().catch(undefined),
  /** It has passed all that it can pass without serving, and its document holds it there. */
  held: z.literal(true).optional(),
  /** How the target's answers compare with the serving version's, or did when it ceased to be a shadow. */
  shadow: ShadowStats.optional(),
})
export type ItemReport = z.infer<typeof ItemReport>

/** 256 items on one device are more than any gateway serves, and keep a report under 256 KiB. */
export const ITEMS_MAX = 256
