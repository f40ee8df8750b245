/**
 * Scaling: the policy by which a number follows the load: the workers of a model on a device, or the replicas of a
 * placement. `core/scaling/scale.ts` is the one function that decides.
 */
import * as z from 'zod'
import { UpdateWindow } from '../deployments/update-window.ts'
import { DeviceId } from '../values/ids.ts'
import { InstantMs, Name } from '../values/names.ts'

/**
 * The figure that the number follows. `concurrency`: requests without an answer, for each unit. `rps`: requests in a
 * second, for each unit. `queue`: waiting requests, for each unit. `p95`: milliseconds within which 95 of 100 requests
 * are answered.
 */
export const ScalingMetric = z.enum(['concurrency', 'rps', 'queue', 'p95'])
export type ScalingMetric = z.infer<typeof ScalingMetric>

/** As many replicas as a placement can have. */
const Count = z.int().min(0).max(10_000)

/** While the window is open, there are at least this many units. */
export const ScheduledMin = UpdateWindow.extend({ min: Count })
export type ScheduledMin = z.infer<typeof ScheduledMin>

/** 32 are four for each day of a week, and some. */
export const SCHEDULE_MAX = 32

/** A device reads this form: it drops what it does not know. */
export const ScalingRule = z.object({
  /** With 0, the model leaves the memory when nobody needs it, and the next request loads it. */
  min: Count.default(1),
  max: Count.min(1),
  target: z.object({ metric: ScalingMetric, value: z.number().gt(0).max(1_000_000) }),
  /** The number falls only if the load of this whole time allows it. An hour is past any pause between requests. */
  windowSeconds: z.int().min(1).max(3_600).default(60),
  /** If the load of the last seconds asks for `ratio` times the present number, it counts at once. */
  panic: z
    .object({
      seconds: z.int().min(1).max(600).default(2),
      ratio: z.number().gt(1).max(100).default(2),
    })
    .prefault({}),
  /** The number falls no sooner than this after its last change. */
  cooldownSeconds: z.int().min(0).max(86_400).default(30),
  /** Times at which more units are ready before the load comes. */
  schedule: z.array(ScheduledMin).max(SCHEDULE_MAX).optional(),
  /** Hours of all units together in a day (UTC). Once they are spent, the number is `min`. */
  budgetHours: z.number().gt(0).max(240_000).optional(),
})
export type Scaling = z.infer<typeof ScalingRule>

/** Hours of a day: `min` units cost as many each. */
export const DAY_HOURS = 24

/** A person writes this form. */
export const Scaling = ScalingRule.extend({
  target: ScalingRule.shape.target.strict(),
  panic: ScalingRule.shape.panic.unwrap().strict().prefault({}),
  schedule: z.array(ScheduledMin.strict()).max(SCHEDULE_MAX).optional(),
})
  .strict()
  .refine(({ min, max }) => min <= max, { path: ['min'], error: 'must be at most max' })
  .refine(({ panic, windowSeconds }) => panic.seconds <= windowSeconds, {
    path: ['panic', 'seconds'],
    error: 'must be at most windowSeconds',
  })
  .refine(({ schedule = [], max }) => schedule.every(({ min }) => min <= max), {
    path: ['schedule'],
    error: 'asks for more than max',
  })
  .refine(({ budgetHours, min }) => budgetHours === undefined || budgetHours >= min * DAY_HOURS, {
    path: ['budgetHours'],
    error: `must be at least ${DAY_HOURS} hours for each unit of min`,
  })

/** A step of the number, with its reason: a stable code, and words for people. */
export const ScaleStep = z.object({
  atMs: InstantMs,
  from: Count,
  to: Count,
  code: z.string().regex(/^[a-z][a-z0-9_]{2,63}$/),
  reason: z.string().max(300),
})
export type ScaleStep = z.infer<typeof ScaleStep>

const measure = z.number().min(0)

/** The means over the window of the policy. `p95Ms` is absent without a request. */
export const ScaleLoad = z.object({
  concurrency: measure,
  queue: measure,
  rps: measure,
  p95Ms: measure.optional(),
})
export type ScaleLoad = z.infer<typeof ScaleLoad>

/** A report has the newest steps of an item: with 256 items they take 400 KB, less than half of a link message. */
export const STEPS_MAX = 8

/** The scale of an item on a device. */
export const ItemScale = z.object({
  count: Count,
  /** The number that the load asks for, before limits and waits. */
  wanted: Count,
  /** Why the number is not another one at this moment. */
  reason: z.string().max(300),
  load: ScaleLoad,
  steps: z.array(ScaleStep).max(STEPS_MAX),
})
export type ItemScale = z.infer<typeof ItemScale>

/** Steps in an answer: more make a chart unreadable. */
export const SHOWN_STEPS_MAX = 200

const shownSteps = z.array(ScaleStep).max(SHOWN_STEPS_MAX)

export const DeviceScale = z.strictObject({
  id: DeviceId,
  device: Name,
  /** Absent until the device has reported its first one. */
  now: ItemScale.omit({ steps: true }).optional(),
  /** The newest last. */
  steps: shownSteps,
})
export type DeviceScale = z.infer<typeof DeviceScale>

/** The scale of a deployment at this moment, and how it came about. */
export const ScalingDecision = z.strictObject({
  deployment: Name,
  /** Workers on each device; absent without such a policy. */
  workers: z.strictObject({ policy: ScalingRule, devices: z.array(DeviceScale).max(500) }).optional(),
  /** Replicas of the placement; absent without such a policy. */
  replicas: z
    .strictObject({
      policy: ScalingRule,
      now: ItemScale.omit({ steps: true }),
      steps: shownSteps,
    })
    .optional(),
})
export type ScalingDecision = z.infer<typeof ScalingDecision>
