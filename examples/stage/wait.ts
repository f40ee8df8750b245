/** Waiting for a state, by looking again: nothing here depends on an event being caught. */
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_INTERVAL_MS = 100

/**
 * The states of the examples come within seconds, and some with the report of each minute; on a very busy machine
 * later.
 */
const WAIT_MAX_MS = 150_000

/** Looks until there is something, and gives it. Fails with the words after that time, or when the signal fires. */
export async function until<Found>(
  what: string,
  look: () => Promise<Found | undefined> | Found | undefined,
  signal: AbortSignal,
): Promise<Found> {
  const deadline = AbortSignal.timeout(WAIT_MAX_MS)
  while (!deadline.aborted) {
    signal.throwIfAborted()
    const found = await look()
    if (found !== undefined) return found
    await sleep(LOOK_INTERVAL_MS, undefined, { signal })
  }
  throw new Error(`waited ${WAIT_MAX_MS / 1000} s in vain for ${what}`)
}
