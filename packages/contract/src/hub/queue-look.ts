/** Queue look: the values that wait on a device's disk for one sink, or for the hub, and its lost values. */
import * as z from 'zod'
import { ConnectionState } from '../connections/connection.ts'
import { LOSSES_SHOWN_MAX, Loss } from '../sinks/sink-loss.ts'
import { Lane } from '../sinks/sink-value.ts'
import { InstantMs, Name } from '../values/names.ts'

const Count = z.int().min(0)

const CAUSE_MAX = 1_000

export const LookCause = z.object({ code: z.string().max(64), message: z.string().max(CAUSE_MAX) })
export type LookCause = z.infer<typeof LookCause>

/** Messages of libraries may be of any length. */
export const shortCause = ({ code, message }: LookCause): LookCause => ({ code, message: message.slice(0, CAUSE_MAX) })

export const QueueLook = z.object({
  /** `hub` has no name of its own: it is one on each device. */
  kind: z.enum(['sink', 'hub']),
  name: Name,
  state: ConnectionState,
  sinceMs: InstantMs,
  cause: LookCause.optional(),
  /** Values on the disk that the destination has not accepted, their bytes, and the age of the oldest. */
  waiting: Count,
  waitingBytes: Count,
  oldestMs: Count,
  lanes: z.array(z.object({ lane: Lane, waiting: Count })).max(Lane.options.length),
  /** The limits of the queue. */
  bytesMax: Count,
  ageMaxSeconds: Count,
  /** Since the sink was started: values handed over, and values accepted by the destination. */
  offered: Count,
  delivered: Count,
  deliveredPerSecond: z.number().min(0),
  /** All lost values that the queue ever numbered; `losses` has the details. */
  lost: Count,
  losses: z.array(Loss).max(LOSSES_SHOWN_MAX),
  /**
   * Since the sink was started: values that came faster than the disk could store them, or while the thread of the sink
   * was down.
   */
  unstored: Count,
})
export type QueueLook = z.infer<typeof QueueLook>
