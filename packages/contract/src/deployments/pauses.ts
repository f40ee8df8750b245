/** Pauses: for equipment that is not ready at once. */
import * as z from 'zod'

/** A minute: equipment that needs longer has another problem than its pace. */
const Pause = z.int().min(0).max(60_000).default(0)

export const PauseAfterConnect = { pauseAfterConnectMs: Pause }

/** With it, one request is under way at a time over every protocol. */
export const PauseBetweenRequests = { pauseBetweenRequestsMs: Pause }
