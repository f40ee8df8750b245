/** Sink loss: which values did not arrive, and why. */
import * as z from 'zod'
import { InstantMs } from '../values/names.ts'
import { Lane } from './sink-value.ts'

/** A device keeps more of them, and tells the oldest of one lane and reason together; of those there are 30. Counts stay exact. */
export const LOSSES_SHOWN_MAX = 32

/**
 * Over the limits of the queue, no room on the disk, refused for good by whoever should take them, no longer readable, or handed over and never stored: the
 * process was killed, the thread ended, or they came quicker than the disk takes them.
 */
export const LossReason = z.enum(['bytes', 'age', 'disk-full', 'refused', 'damaged', 'unstored'])
export type LossReason = z.infer<typeof LossReason>

export const Loss = z.strictObject({
  lane: Lane,
  reason: LossReason,
  /** The first and the last number. Where there are fewer in between than `count` says, ranges had to be put together. */
  first: z.int().min(1),
  last: z.int().min(1),
  count: z.int().min(1),
  /** When the first and the last of them were so. */
  fromMs: InstantMs,
  toMs: InstantMs,
})
export type Loss = z.infer<typeof Loss>
