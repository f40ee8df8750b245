/**
 * Until: a test's wait for a state. It looks again and again until there is a value, and gives it. A wait that fails
 * names the awaited state, and shows the last state instead. If a look throws, the wait ends at once.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { PATIENCE_MS } from './patience.ts'

export type Waiting = {
  /** The awaited state in words; the look's own code if absent. */
  what?: string
  /** Longer than the usual patience, if the awaited state takes many steps. */
  patienceMs?: number
  everyMs?: number
  /** The state to show when the time is over; the last answer if absent. */
  seen?: () => unknown
}

const EVERY_MS = 10

export async function until<Found>(
  look: () => Found | false | undefined | Promise<Found | false | undefined>,
  { what = String(look), patienceMs = PATIENCE_MS, everyMs = EVERY_MS, seen }: Waiting = {},
): Promise<Found> {
  const endMs = performance.now() + patienceMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (performance.now() > endMs) {
      const last = inspect(seen ? seen() : found, { depth: 6 })
      throw new Error(`waited ${patienceMs / 1_000} s in vain for ${what}; last seen: ${last}`)
    }
    await sleep(everyMs)
  }
}

/** Reads a state until the condition holds, and gives it. */
export async function stateThat<State>(
  read: () => State | Promise<State>,
  isSo: (state: State) => boolean,
  more: Waiting = {},
): Promise<State> {
  let state: State | undefined
  const look = async () => {
    const now = await read()
    state = now
    return isSo(now) && { now }
  }
  return (await until(look, { what: String(isSo), seen: () => state, ...more })).now
}
