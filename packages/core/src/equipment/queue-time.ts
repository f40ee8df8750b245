/**
 * Queue time: the age of values on a disk, independent of changes of the wall clock. While the program runs, a clock
 * counts that only moves forward. Over a restart, the time elapsed by the wall clock counts, and nothing if that clock
 * went back.
 */

export type QueueTime = { queueMs: number; wallMs: number }

/** The queue time when the program starts again with the last stored times. */
export const resumed = (kept: QueueTime, wallMs: number): number => kept.queueMs + Math.max(0, wallMs - kept.wallMs)

/** The queue time while the program runs. */
export const running = (start: { queueMs: number; monotonicMs: number }, monotonicMs: number): number =>
  Math.floor(start.queueMs + (monotonicMs - start.monotonicMs))
