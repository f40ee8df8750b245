/** Sink queue: how much a sink keeps on disk while its destination accepts nothing, and the order of sending. */
import * as z from 'zod'

export const SinkQueue = z.strictObject({
  /** The values on disk; an index and a journal come on top. 256 MiB are days of a machine with a hundred signals. */
  bytesMax: z
    .int()
    .min(1024 ** 2)
    .max(1024 ** 4)
    .default(256 * 1024 ** 2),
  /**
   * Values that have waited for longer are dropped, and counted. A week is a long weekend and the days until somebody
   * comes.
   */
  ageMaxSeconds: z
    .int()
    .min(60)
    .max(366 * 86_400)
    .default(7 * 86_400),
  /** How many late values are sent in a second, beside the new ones: as fast as a database of one plant takes them. */
  catchUpPerSecond: z.int().min(1).max(1_000_000).default(20_000),
  /** All values of one priority go in the order in which they came in: then new values wait for old ones. */
  inOrder: z.boolean().default(false),
})
export type SinkQueue = z.infer<typeof SinkQueue>

export const SinkBatching = z.strictObject({
  /** The values of one request. */
  valuesMax: z.int().min(1).max(10_000).default(1_000),
  /**
   * Values are gathered for this time before they are written to the disk together. A power cut or a kill loses them,
   * and the loss is counted.
   */
  lingerMs: z.int().min(1).max(10_000).default(100),
})
export type SinkBatching = z.infer<typeof SinkBatching>
