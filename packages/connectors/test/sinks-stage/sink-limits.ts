/** Sink limits: how long a sink of the conformance suite waits for its peer. */
import { rounds } from '@skerry/testkit/tier'

/**
 * A value that is sent again because its answer came late would count twice, so a busy machine gets half a minute. The
 * deep tier freezes peers, and waits for this time then.
 */
export const ANSWER_MS = rounds({ quick: 30_000, deep: 2_000 })

/** [MQTT 3.1.2.10] A broker ends the connection of a client that is silent for one and a half of it. */
export const KEEPALIVE_SECONDS = rounds({ quick: 30, deep: 1 })
