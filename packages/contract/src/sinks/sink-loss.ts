/** Sink loss: which values did not arrive, and why. */
import * as z from 'zod'
import { InstantMs } from '../values/names.ts'
import { Lane } from './sink-value.ts'

/**
 * A device keeps more of them, and reports the oldest of one lane and reason together; there are 30 such pairs. Counts
 * stay exact.
 */
export const LOSSES_SHOWN_MAX = 32

/**
 * Over the limits of the queue (bytes, age), no room on the disk, rejected for good by the destination, or no longer
 * readable. The last reason is for values that were handed over and never stored. For example the process was killed,
 * the thread ended, or values came faster than the disk could store them.
 */
export const LossReason = z.enum(['bytes', 'age', 'disk-full', 'refused', 'damaged', 'unstored'])
export type LossReason = z.infer<typeof LossReason>

export const Loss = z.strictObject({
  lane: Lane,
  reason: LossReason,
  /** The first and the last number. If there are fewer numbers in between than `count`, ranges had to be merged. */
  first: z.int().min(1),
  last: z.int().min(1),
  count: z.int().min(1),
  /** When the first and the last of them were so. */
  fromMs: InstantMs,
  toMs: InstantMs,
})
export type Loss = z.infer<typeof Loss>
