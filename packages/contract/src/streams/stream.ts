/**
 * Streams: bytes between the hub and a program on a device, in both directions. The hub orders a stream over the device
 * link (devices/device-command.ts), and the device opens a second WebSocket to the hub for it, with the same
 * certificate. So a device needs no open port, and bytes never delay its reports.
 *
 * A binary message has bytes. An empty one ends its direction; the other direction stays open.
 */
import * as z from 'zod'

/** The device connects to this path, a slash and the id of the stream. */
export const STREAM_PATH = '/v1/device-streams'

/** Small enough that a stream never holds much memory, large enough that messages cost little. */
export const STREAM_MESSAGE_MAX = 1024 * 1024

/** The part of the agent that serves the stream: a row in the agent's table of streams. */
export const StreamUse = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z, 0-9 and -')
export type StreamUse = z.infer<typeof StreamUse>

/** Larger contents travel through the stream itself. The order is one message of the link. */
const PARAMS_CHARACTERS_MAX = 16_000

/** The details of the stream. Its use on the device parses them. */
export const StreamParams = z
  .record(z.string().max(64), z.unknown())
  .refine(
    (params) => JSON.stringify(params).length <= PARAMS_CHARACTERS_MAX,
    `the details may have ${PARAMS_CHARACTERS_MAX} characters as JSON`,
  )
export type StreamParams = z.infer<typeof StreamParams>
