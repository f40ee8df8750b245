/** How a model is served on a device, and how long it must prove itself there. */
import * as z from 'zod'

export const Serving = z.strictObject({
  /** Worker threads, each with a session of its own. 64 is past any gateway's cores. */
  instances: z.int().min(1).max(64).default(1),
  /** Threads inside one session. */
  threads: z.int().min(1).max(256).default(1),
  /** Whether waiting threads spin: quicker on an idle machine, ruinous on a busy one. */
  spin: z.boolean().default(false),
  /** Requests that may wait; one more is refused with 429. 1,024 waiting tiny requests are about 10 ms of work. */
  queueMax: z.int().min(1).max(65_536).default(256),
  /** A request that has waited and run for longer than this is answered with 504. */
  deadlineMs: z.int().min(1).max(3_600_000).default(30_000),
  /** Requests run as one batch; 1 turns batching off. On a CPU it pays for tiny models only. */
  maxBatch: z.int().min(1).max(4_096).default(1),
  /** The longest that a lone request waits for company. */
  maxDelayMs: z.int().min(0).max(10_000).default(0),
  /** Runs on zeros before the first real request, so that it does not pay for lazy allocation. */
  warmUpRuns: z.int().min(0).max(1_000).default(1),
})
export type Serving = z.infer<typeof Serving>

export const Probation = z.strictObject({
  /** The new version serves, but may still be sent back by itself. */
  seconds: z.int().min(0).max(604_800).default(10),
  /** Share of requests that may fail meanwhile, judged from 20 requests on. */
  failureRateMax: z.number().min(0).max(1).default(0.05),
})
export type Probation = z.infer<typeof Probation>
