/** Items: one model on one device, as the device reports it. Levels, never edges: a lost or repeated report changes nothing. */
import * as z from 'zod'
import { Digest } from './digest.ts'
import { DeploymentId } from './ids.ts'
import { InstantMs, Name } from './names.ts'

/**
 * An item's life on a device.
 *
 *     absent → fetching → verifying → loading → golden → probation → active → retiring → absent
 *                 └──────────┴───────────┴─────────┴─────────┴── failed (remembered)
 */
export const ItemState = z.enum([
  'absent',
  'fetching',
  'verifying',
  'loading',
  'golden',
  'probation',
  'active',
  'retiring',
  'failed',
])
export type ItemState = z.infer<typeof ItemState>

/** Why an item failed or waits: a stable code and words for people. */
export const Cause = z.strictObject({
  code: z.string().regex(/^[a-z][a-z0-9_]{2,63}$/),
  message: z.string().max(1_000),
})
export type Cause = z.infer<typeof Cause>

/** Requests answered by the serving version since it was activated. */
export const ServingStats = z.strictObject({
  requests: z.int().min(0),
  failures: z.int().min(0),
  p50Us: z.int().min(0).optional(),
  p99Us: z.int().min(0).optional(),
})
export type ServingStats = z.infer<typeof ServingStats>

export const ItemReport = z.strictObject({
  model: Name,
  deploymentId: DeploymentId,
  /** What the item is on its way to, or failed at. */
  target: z.strictObject({
    revision: z.int().min(1),
    version: z.int().min(1),
    digest: Digest,
    retryToken: z.int().min(0),
  }),
  state: ItemState,
  cause: Cause.optional(),
  sinceMs: InstantMs,
  /** What answers requests now; absent when nothing does. */
  serving: z.strictObject({ version: z.int().min(1), digest: Digest }).optional(),
  stats: ServingStats.optional(),
})
export type ItemReport = z.infer<typeof ItemReport>

/** 256 models on one device is past what any gateway serves, and keeps a report under 256 KiB. */
export const ITEMS_MAX = 256
