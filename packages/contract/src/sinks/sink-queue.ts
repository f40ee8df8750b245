/** Sink queue: how much a sink keeps on disk while nobody takes it, and in which order it is sent. */
import * as z from 'zod'

export const SinkQueue = z.strictObject({
  /** Of values on disk; an index and a journal come on top. 256 MiB are days of a machine with a hundred signals. */
  bytesMax: z
    .int()
    .min(1024 ** 2)
    .max(1024 ** 4)
    .default(256 * 1024 ** 2),
  /** What has waited for longer is dropped, and counted. A week is a long weekend and the days until somebody comes. */
  ageMaxSeconds: z
    .int()
    .min(60)
    .max(366 * 86_400)
    .default(7 * 86_400),
  /** How many values that had to wait are sent in a second, beside what is new: as quick as a database of one plant takes them. */
  catchUpPerSecond: z.int().min(1).max(1_000_000).default(20_000),
  /** Everything of one priority in the order it came in: then what is new waits for what is old. */
  inOrder: z.boolean().default(false),
})
export type SinkQueue = z.infer<typeof SinkQueue>

export const SinkBatching = z.strictObject({
  /** Of one request. */
  valuesMax: z.int().min(1).max(10_000).default(1_000),
  /** So long values are gathered before they are written to the disk together: what a power cut takes, or a kill, which is counted. */
  lingerMs: z.int().min(1).max(10_000).default(100),
})
export type SinkBatching = z.infer<typeof SinkBatching>
