/** Sink trial: the result of a test of a sink that may not be set yet. */
import * as z from 'zod'
import { Cause } from '../devices/item.ts'

/** A sink has some settings, and at most a certificate of an authority. */
export const SINK_TEST_BYTES_MAX = 256 * 1024

/** The destination has its own time limit, of two minutes at most. A person waits for less. */
export const SINK_TEST_WAIT_MAX_MS = 60_000

/**
 * `nothing`: see the cause. `address`: the destination accepts connections; its credentials are only checked with a
 * value. `session`: it accepts the credentials too. `value`: it has confirmed a test value.
 */
export const SinkReached = z.enum(['nothing', 'address', 'session', 'value'])
export type SinkReached = z.infer<typeof SinkReached>

export const SinkTrialShape = {
  reached: SinkReached,
  cause: Cause.optional(),
  /** The id of the test value, if one was sent. */
  valueId: z.string().max(100).optional(),
}

export const SinkTrial = z.object(SinkTrialShape)
export type SinkTrial = z.infer<typeof SinkTrial>

/** The mark of a test value: its signal is `skerry-test/NAME`, it is uncertain, and this is its cause. */
export const SINK_TEST_CAUSE = 'sink_test'
