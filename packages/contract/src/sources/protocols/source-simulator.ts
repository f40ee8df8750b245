/** Simulator source: equipment that is not there, for trying, teaching and testing. */
import * as z from 'zod'
import { TagShape } from '../tag.ts'

const Period = z.number().positive().max(86_400)

/** A stretch that comes again: at `atSeconds` of every `everySeconds`, for so long. Counted from midnight UTC of 1970, so that every machine agrees. */
const Window = z
  .strictObject({ everySeconds: Period, atSeconds: z.number().min(0).max(86_400).default(0), forSeconds: Period })
  .refine(
    ({ everySeconds, atSeconds, forSeconds }) => atSeconds + forSeconds <= everySeconds,
    'must end before it comes again',
  )
export type Window = z.infer<typeof Window>

/** Readings that were written down, told in their own time. */
const Recording = z.strictObject({
  /** A CSV file whose first line names the columns. */
  path: z.string().min(1).max(4_000),
  /** The column that says when; only the distances count. */
  time: z.string().min(1).max(250),
  timeAs: z.enum(['iso', 'seconds', 'milliseconds']).default('iso'),
  speed: z.number().positive().max(10_000).default(1),
  /** From the beginning again after the end; else the last reading stays. */
  loop: z.boolean().default(true),
})
export type Recording = z.infer<typeof Recording>

/** The same seed gives the same values, whatever the machine. */
export const SimulatorConnection = z.strictObject({
  seed: z.int().min(0).max(0xffff_ffff).default(1),
  recording: Recording.optional(),
  /** When nobody answers, and how long every answer takes. */
  disconnects: z.array(Window).max(20).default([]),
  delayMs: z.int().min(0).max(60_000).default(0),
})
export type SimulatorConnection = z.infer<typeof SimulatorConnection>

export const Waveform = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), value: z.union([z.number(), z.boolean(), z.string().max(250)]) }),
  z.strictObject({ kind: z.literal('sine'), mean: z.number(), amplitude: z.number(), periodSeconds: Period }),
  /** From one value to the other, and again from the beginning. */
  z.strictObject({ kind: z.literal('ramp'), from: z.number(), to: z.number(), periodSeconds: Period }),
  /** Each reading moves by at most `step`, and stays within the bounds. */
  z.strictObject({
    kind: z.literal('walk'),
    start: z.number(),
    step: z.number().positive(),
    min: z.number(),
    max: z.number(),
  }),
  /** A column of the recording. */
  z.strictObject({ kind: z.literal('replay'), column: z.string().min(1).max(250) }),
])
export type Waveform = z.infer<typeof Waveform>

/** `dropout`: bad meanwhile. `stuck`: what it was at the beginning. `spike`: that share of readings is off by so much. */
export const SimulatedFault = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('dropout'), when: Window }),
  z.strictObject({ kind: z.literal('stuck'), when: Window }),
  z.strictObject({ kind: z.literal('spike'), share: z.number().min(0).max(1), by: z.number() }),
])
export type SimulatedFault = z.infer<typeof SimulatedFault>

export const SimulatorTag = z.strictObject({
  ...TagShape,
  signal: Waveform,
  /** The share of readings that are bad, as of a loose contact. */
  faultShare: z.number().min(0).max(1).default(0),
  faults: z.array(SimulatedFault).max(20).default([]),
})
export type SimulatorTag = z.infer<typeof SimulatorTag>
