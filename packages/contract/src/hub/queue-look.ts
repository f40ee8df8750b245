/** Queue look: what waits on a device's disk for one sink, or for the hub, and what has been lost of it for ever. */
import * as z from 'zod'
import { ConnectionState } from '../connections/connection.ts'
import { LOSSES_SHOWN_MAX, Loss } from '../sinks/sink-loss.ts'
import { Lane } from '../sinks/sink-value.ts'
import { InstantMs, Name } from '../values/names.ts'

const Count = z.int().min(0)

const CAUSE_MAX = 1_000

export const LookCause = z.object({ code: z.string().max(64), message: z.string().max(CAUSE_MAX) })
export type LookCause = z.infer<typeof LookCause>

/** Libraries say what they like. */
export const shortCause = ({ code, message }: LookCause): LookCause => ({ code, message: message.slice(0, CAUSE_MAX) })

export const QueueLook = z.object({
  /** `hub` has no name of its own: it is one on each device. */
  kind: z.enum(['sink', 'hub']),
  name: Name,
  state: ConnectionState,
  sinceMs: InstantMs,
  cause: LookCause.optional(),
  /** Values on the disk that nobody has taken, their bytes, and for how long the oldest has waited. */
  waiting: Count,
  waitingBytes: Count,
  oldestMs: Count,
  lanes: z.array(z.object({ lane: Lane, waiting: Count })).max(Lane.options.length),
  /** What the queue keeps at most. */
  bytesMax: Count,
  ageMaxSeconds: Count,
  /** Since the sink was started: handed over, and taken by whoever should have them. */
  offered: Count,
  delivered: Count,
  deliveredPerSecond: z.number().min(0),
  /** Of all that the queue ever had a number for; `losses` says which. */
  lost: Count,
  losses: z.array(Loss).max(LOSSES_SHOWN_MAX),
  /** Since the sink was started: what came quicker than the disk takes it, or while the thread of the sink was not there. */
  unstored: Count,
})
export type QueueLook = z.infer<typeof QueueLook>
