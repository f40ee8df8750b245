/** How a model is served on a device, and how long it must prove itself there. */
import * as z from 'zod'
import { Tolerance } from '../devices/tolerance.ts'
import { Scaling } from '../scaling/scaling.ts'

/** 64 is past any gateway's cores. */
const WORKERS_MAX = 64

export const Serving = z.strictObject({
  /** Worker threads, each with a session of its own. With `scaling`, the number at the start. */
  instances: z.int().min(1).max(WORKERS_MAX).default(1),
  /** Threads inside one session. */
  threads: z.int().min(1).max(256).default(1),
  /** Whether waiting threads spin: quicker on an idle machine, ruinous on a busy one. */
  spin: z.boolean().default(false),
  /** Requests that may wait; one more is rejected with 429. 1,024 waiting tiny requests are about 10 ms of work. */
  queueMax: z.int().min(1).max(65_536).default(256),
  /** A request that has waited and run for longer than this is answered with 504. */
  deadlineMs: z.int().min(1).max(3_600_000).default(30_000),
  /** Requests run as one batch; 1 turns batching off. On a CPU it pays for tiny models only. */
  maxBatch: z.int().min(1).max(4_096).default(1),
  /** The longest that a lone request waits for company. */
  maxDelayMs: z.int().min(0).max(10_000).default(0),
  /** Runs on zeros before the first real request, so that it does not pay for lazy allocation. */
  warmUpRuns: z.int().min(0).max(1_000).default(1),
  /**
   * shared: in a thread of the runner, beside all other models, which is fastest. process: in a process of its own,
   * which costs some 60 MB and a copy of each tensor, and whose crash ends nothing else.
   */
  isolation: z.enum(['shared', 'process']).default('shared'),
  /**
   * The reaction when native code crashed a second time while the model ran: it continues in a process of its own, or
   * stays stopped.
   */
  onCrash: z.enum(['isolate', 'stop']).default('isolate'),
  /**
   * The number of workers follows the load by this policy. Absent: it is `instances`. Hubs up to 0.1.0 reject it, and
   * agents up to 0.1.0 serve with `instances`.
   */
  scaling: Scaling.refine(({ max }) => max <= WORKERS_MAX, {
    path: ['max'],
    error: `must be at most ${WORKERS_MAX} workers`,
  }).optional(),
})
export type Serving = z.infer<typeof Serving>

export const Probation = z.strictObject({
  /** The new version serves, but may still be sent back by itself. */
  seconds: z.int().min(0).max(604_800).default(10),
  /** Share of requests that may fail meanwhile, judged from 20 requests on. */
  failureRateMax: z.number().min(0).max(1).default(0.05),
})
export type Probation = z.infer<typeof Probation>

/**
 * Before a new version serves, it gets a copy of the requests, and its answers are compared with those of the serving
 * version. They are then thrown away. A device that serves no version of the model has nothing to compare with, and
 * skips this.
 */
export const Shadow = z.strictObject({
  /** The share of the traffic that is copied. */
  share: z.number().gt(0).max(1).default(1),
  /** It has passed when at least this number of answers was compared ... */
  minCompared: z.int().min(1).max(1_000_000_000).default(100),
  /** ... over at least this time ... */
  seconds: z.int().min(0).max(2_592_000).default(600),
  /** ... and no larger share of them was wrong: other than the serving version's, or an error. */
  maxMismatchShare: z.number().min(0).max(1).default(0),
  /** The allowed difference of an answer; the tolerance of the version's golden cases if absent. */
  tolerance: Tolerance.optional(),
})
export type Shadow = z.infer<typeof Shadow>

/**
 * All devices first prepare the version, beside the serving one; then all of them switch to it. The old version stays
 * loaded for a while, so that a rollback is as quick as the switch was.
 */
export const SwitchOver = z.strictObject({
  /** The switch waits for a person who may approve it. */
  approval: z.boolean().default(true),
  /**
   * For this time after the switch the version before stays loaded. Nobody needs two versions in memory for longer than
   * a day.
   */
  keepSeconds: z.int().min(0).max(86_400).default(600),
})
export type SwitchOver = z.infer<typeof SwitchOver>

/** The form of it in a deployment. */
export const ShadowSpec = Shadow.extend({
  /** Whether a version that has passed serves from then on; else it stays a shadow until another revision. */
  promote: z.boolean().default(true),
})
export type ShadowSpec = z.infer<typeof ShadowSpec>
