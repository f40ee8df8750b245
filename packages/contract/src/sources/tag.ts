/** Tag: one data point of a source, the scaling of the equipment's number, and a value with its quality and times. */
import * as z from 'zod'
import { Clearance } from '../values/clearance.ts'
import { InstantMs, Name } from '../values/names.ts'

/** As PLC programs and address spaces name things; safe in expressions, files and topics. */
export const TagName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/,
    'must be 1 to 128 letters, digits, _ . and -, beginning with a letter or _',
  )
export type TagName = z.infer<typeof TagName>

/** The largest gateways are measured with 100,000 tags at one second. */
export const TAGS_MAX = 100_000

/** The arguments of one call of a method of equipment; more belong into a structure, which is not written. */
export const ARGUMENTS_MAX = 32

/** Elements of an array that is written at once: somewhat more coils than one request of Modbus takes. */
export const ELEMENTS_WRITTEN_MAX = 2_000

export const GroupShape = {
  name: Name,
  /**
   * 10 ms is the scan of a quick PLC; sooner no request and answer over a network is worth its name. A day is seldom
   * enough.
   */
  everyMs: z.int().min(10).max(86_400_000),
}

const Range = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'must have min or max')
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, 'min must not be above max')
export type Range = z.infer<typeof Range>

/**
 * Turns the number of the equipment into the value, in this order: `mask`, `shift` (to the right), times `scale`, plus
 * `offset`, `clamp`. A write reverses it. `expect` is the range of a sound sensor: beyond it the value is bad.
 */
export const TagScaling = {
  mask: z.int().min(1).max(0xffff_ffff).optional(),
  shift: z.int().min(0).max(31).optional(),
  scale: z
    .number()
    .refine((scale) => scale !== 0, 'a scale of 0 would lose the value')
    .default(1),
  offset: z.number().default(0),
  clamp: Range.optional(),
  expect: Range.optional(),
}

/** When a reading is sent on. */
export const TagReporting = {
  /**
   * Only if it moved so far from the last reported value: by an amount, or by a share of that in percent. Every reading
   * if absent.
   */
  deadband: z
    .union([z.strictObject({ absolute: z.number().min(0) }), z.strictObject({ percent: z.number().min(0).max(100) })])
    .optional(),
  /** With a deadband: sent all the same after this time, so that silence means that something is wrong. */
  silenceMaxMs: z.int().min(10).max(86_400_000).optional(),
}

/**
 * Allows writing only while `when` is true: CEL over the tags of the same source, such as
 * `tags["guard-closed"] && tags["speed"] < 5`. The device judges it right before each write, by a fresh reading of the
 * equipment, or by the last one if the equipment does not answer requests.
 */
export const TagInterlock = z.strictObject({
  /** A person can read this much at once before a valve moves. */
  when: z.string().min(1).max(500),
  /** An older value says nothing about the present. A day is for tags that report changes only. */
  ageMaxSeconds: z.int().min(1).max(86_400).default(10),
})
export type TagInterlock = z.infer<typeof TagInterlock>

/** Allows writing, within bounds. A tag without it is never written. */
export const TagWriting = z.strictObject({
  min: z.number().optional(),
  max: z.number().optional(),
  /** Valves and relays wear out: one write a second is allowed to a person for a minute. */
  perMinute: z.int().min(1).max(6_000).default(60),
  /** Read again after the write, and compare. */
  verify: z.boolean().default(true),
  interlock: TagInterlock.optional(),
})
export type TagWriting = z.infer<typeof TagWriting>

export const TagShape = {
  name: TagName,
  /** The unit of the value after scaling, as people write it: °C, bar, 1/min. */
  unit: z.string().min(1).max(20).optional(),
  /** How sensitive its values are; that of the source if absent. */
  dataClass: Clearance.optional(),
  ...TagScaling,
  ...TagReporting,
  write: TagWriting.optional(),
}

const Scalar = z.union([z.number(), z.boolean(), z.string()])

export const TagContent = z.union([Scalar, z.array(Scalar)])
export type TagContent = z.infer<typeof TagContent>

/**
 * `good`: the equipment vouches for it. `uncertain`: there is a value, and `cause` names the doubt. `bad`: there is
 * none.
 */
const ValueTimes = {
  tag: TagName,
  /** The equipment's own time, if it gives one. */
  sourceTimeMs: InstantMs.optional(),
  receivedTimeMs: InstantMs,
}

export const TagCause = z.strictObject({ code: z.string().max(64), message: z.string().max(500) })
export type TagCause = z.infer<typeof TagCause>

export const TagValue = z.discriminatedUnion('quality', [
  z.strictObject({ ...ValueTimes, quality: z.literal('good'), value: TagContent }),
  z.strictObject({ ...ValueTimes, quality: z.literal('uncertain'), value: TagContent, cause: TagCause }),
  z.strictObject({ ...ValueTimes, quality: z.literal('bad'), cause: TagCause }),
])
export type TagValue = z.infer<typeof TagValue>
