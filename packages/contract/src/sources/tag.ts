/** Tag: one data point of a source, what is made of the number that the equipment gives, and a value with its quality and times. */
import * as z from 'zod'
import { InstantMs, Name } from '../values/names.ts'

/** As PLC programs and address spaces name things; safe in expressions, files and topics. */
export const TagName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/,
    'must be 1 to 128 letters, digits, _ . and -, beginning with a letter or _',
  )
export type TagName = z.infer<typeof TagName>

/** 100,000 tags at one second are what the largest gateways are measured with. */
export const TAGS_MAX = 100_000

/** What one call of a method of equipment takes; more belongs into a structure, which is not written. */
export const ARGUMENTS_MAX = 32

/** Elements of an array that is written at once: somewhat more coils than one request of Modbus takes. */
export const ELEMENTS_WRITTEN_MAX = 2_000

export const GroupShape = {
  name: Name,
  /** 10 ms is the scan of a quick PLC; sooner no request and answer over a network is worth its name. A day is seldom enough. */
  everyMs: z.int().min(10).max(86_400_000),
}

const Range = z
  .strictObject({ min: z.number().optional(), max: z.number().optional() })
  .refine(({ min, max }) => min !== undefined || max !== undefined, 'must have min or max')
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, 'min must not be above max')
export type Range = z.infer<typeof Range>

/**
 * From the number that the equipment gives to the value, in this order: `mask`, `shift` (to the right), times `scale`, plus `offset`, `clamp`. A write
 * goes back the same way. `expect` is what a sound sensor can say: beyond it the value is bad.
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

/** When a reading is news. */
export const TagReporting = {
  /** Only where it moved so far from what was told last: by an amount, or by a share of that in percent. Every reading where absent. */
  deadband: z
    .union([z.strictObject({ absolute: z.number().min(0) }), z.strictObject({ percent: z.number().min(0).max(100) })])
    .optional(),
  /** With a deadband: told all the same after so long, so that silence means that something is wrong. */
  silenceMaxMs: z.int().min(10).max(86_400_000).optional(),
}

/**
 * Allows writing only while the equipment is as `when` says: CEL over the tags of the same source, such as `tags["guard-closed"] && tags["speed"] < 5`.
 * Judged on the device right before each write, by what the equipment says then; where it cannot be asked, by what it said last.
 */
export const TagInterlock = z.strictObject({
  /** What a person reads at once before a valve moves. */
  when: z.string().min(1).max(500),
  /** What was heard longer ago says nothing of now. A day is for what is told on change only. */
  ageMaxSeconds: z.int().min(1).max(86_400).default(10),
})
export type TagInterlock = z.infer<typeof TagInterlock>

/** Allows writing, within bounds. A tag without it is never written. */
export const TagWriting = z.strictObject({
  min: z.number().optional(),
  max: z.number().optional(),
  /** Valves and relays wear out: one a second is what a person may do for a minute. */
  perMinute: z.int().min(1).max(6_000).default(60),
  /** Read again after the write, and compare. */
  verify: z.boolean().default(true),
  interlock: TagInterlock.optional(),
})
export type TagWriting = z.infer<typeof TagWriting>

export const TagShape = {
  name: TagName,
  /** Of the value after scaling, as people write it: °C, bar, 1/min. */
  unit: z.string().min(1).max(20).optional(),
  ...TagScaling,
  ...TagReporting,
  write: TagWriting.optional(),
}

const Scalar = z.union([z.number(), z.boolean(), z.string()])

export const TagContent = z.union([Scalar, z.array(Scalar)])
export type TagContent = z.infer<typeof TagContent>

/** `good`: as the equipment says. `uncertain`: there is a value, and `cause` says what is doubtful. `bad`: there is none. */
const ValueTimes = {
  tag: TagName,
  /** The equipment's own time, where it gives one. */
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
