/** Pace: how quickly a rollout offers its revision, and how much of a group of devices it may touch at once. */
import * as z from 'zod'
import { Amount } from './amount.ts'

/** 100,000 offers a minute are more than one hub renders and sends. */
const PER_MINUTE_MAX = 100_000

/** Offers a minute. */
export const PerMinute = z.int().min(1).max(PER_MINUTE_MAX)
const many = z.int().min(1).max(1_000_000)

/**
 * Offers a minute: constant, or growing by `factor` each time that so many more devices have been offered the revision, or run it well.
 * [AWS IoT Jobs, exponentialRate] has the same three numbers.
 */
export const Rate = z.union([
  z.strictObject({ perMinute: PerMinute }),
  z.strictObject({
    basePerMinute: PerMinute,
    factor: z.number().min(1.1).max(5),
    per: z.union([z.strictObject({ notified: many }), z.strictObject({ succeeded: many })]),
    maxPerMinute: PerMinute.default(PER_MINUTE_MAX),
  }),
])
export type Rate = z.infer<typeof Rate>

/**
 * A device on which the revision broke is asked again, so often, and counts as failed only after its last try. Each wait is twice as long as
 * the one before, up to a day. One that rejected it is not: memory, disk and signatures do not mend by asking.
 */
export const Retry = z.strictObject({
  max: z.int().min(1).max(10),
  backoffSeconds: z.int().min(1).max(86_400).default(60),
})
export type Retry = z.infer<typeof Retry>

/** What makes devices a group, as selectors write it. */
export const GroupKey = z
  .string()
  .max(128)
  .regex(
    /^(site\.(name|country|region|kind)|(site|device)\.labels\.[A-Za-z0-9_]{1,63})$/,
    'must be such as site.name or device.labels.line',
  )
export type GroupKey = z.infer<typeof GroupKey>

const someAmount = Amount.refine((amount) => Number.parseFloat(String(amount)) > 0, 'must be more than none')

/**
 * How many devices of each group may be without the revision's proof at once: offered it and undecided, failed, rejected, or timed out. A share of
 * `maxUnavailable` is rounded down, but to one at least; one of `minAvailable` is rounded up.
 */
export const Budget = z.union([
  z.strictObject({ groupBy: GroupKey.optional(), maxUnavailable: someAmount }),
  z.strictObject({ groupBy: GroupKey.optional(), minAvailable: someAmount }),
])
export type Budget = z.infer<typeof Budget>
