/** Pauses: what equipment needs that is not ready at once. */
import * as z from 'zod'

/** A minute: what needs longer is not connected to its network, but to something else. */
const Pause = z.int().min(0).max(60_000).default(0)

export const PauseAfterConnect = { pauseAfterConnectMs: Pause }

/** With it, one request is under way at a time over every protocol. */
export const PauseBetweenRequests = { pauseBetweenRequestsMs: Pause }
