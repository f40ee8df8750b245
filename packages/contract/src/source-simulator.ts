/** Simulator source: equipment that is not there, for trying, teaching and testing. */
import * as z from 'zod'
import { TagShape } from './tag.ts'

/** The same seed gives the same values, whatever the machine. */
export const SimulatorConnection = z.strictObject({ seed: z.int().min(0).max(0xffff_ffff).default(1) })
export type SimulatorConnection = z.infer<typeof SimulatorConnection>

const Period = z.number().positive().max(86_400)

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
])
export type Waveform = z.infer<typeof Waveform>

export const SimulatorTag = z.strictObject({
  ...TagShape,
  signal: Waveform,
  /** The share of readings that are bad, as of a loose contact. */
  faultShare: z.number().min(0).max(1).default(0),
})
export type SimulatorTag = z.infer<typeof SimulatorTag>
