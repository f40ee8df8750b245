/**
 * Queue time: how old values on a disk are, whatever happens to the clock on the wall. While the program runs it is that of a clock that only moves
 * forward; over a restart it is what the wall says has passed, and nothing where that went back.
 */

export type QueueTime = { queueMs: number; wallMs: number }

/** When the program starts again with what was written down last. */
export const resumed = (kept: QueueTime, wallMs: number): number => kept.queueMs + Math.max(0, wallMs - kept.wallMs)

/** While it runs. */
export const running = (start: { queueMs: number; monotonicMs: number }, monotonicMs: number): number =>
  Math.floor(start.queueMs + (monotonicMs - start.monotonicMs))
