/** Device place: the facts about its place and its line that only a device itself knows. It reports them in its inventory. */
import * as z from 'zod'
import { Clearance } from '../values/clearance.ts'

/** The line of the device to its hub. An absent fact is unknown. */
export const DeviceLine = z.strictObject({
  /** Bytes cost money, or are limited. */
  metered: z.boolean().optional(),
  /** Megabits a second that downloads reached. A terabit is more than any line has. */
  bandwidthMbps: z.number().min(0).max(1_000_000).optional(),
  /** Segments that the device had to send again, as a share of those that it sent. */
  lossPercent: z.number().min(0).max(100).optional(),
})
export type DeviceLine = z.infer<typeof DeviceLine>

/** As a newer agent may send it. A form that this hub cannot read is dropped alone. */
export const SentLine = DeviceLine.strip().optional().catch(undefined)

/** The statements of the operator of the computer, which count whatever the hub knows of its site. */
export const StatedPlace = z.strictObject({
  clearance: Clearance.optional(),
  /** [ISO 3166-1 alpha-2] */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .optional(),
})
export type StatedPlace = z.infer<typeof StatedPlace>

export const SentStatedPlace = StatedPlace.strip().optional().catch(undefined)
