/**
 * Use watch: a stream of the hub about something on a device, for as long as somebody looks at it. What broke is opened again; that the device does not
 * answer just now is said by the stream itself, and what it said last stays.
 */
import { type Problem, problemOf } from '@skerry/client/problem'
import type { LookAway } from '@skerry/contract/hub/look'
import { backoffMs } from '@skerry/core/values/backoff'
import { useEffect, useState, useSyncExternalStore } from 'react'

export type Watched<Seen> = {
  seen: Seen | undefined
  /** When it was heard, by the clock of this page. */
  heardAtMs: number | undefined
  /** What is in the way now; it goes on by itself. */
  problem: Problem | undefined
}

/** A hub is back seconds after a restart; what is refused for longer is asked four times a minute. */
const BACKOFF = { baseMs: 1_000, maxMs: 15_000 }

type Open<Seen> = (signal: AbortSignal) => Promise<AsyncIterable<Seen | LookAway>>

/** `open` must be the same one as long as it opens the same. Nothing is open while it rests. */
export function useWatch<Seen extends { kind: string }>(open: Open<Seen>, isResting: boolean): Watched<Seen> {
  const [watched, setWatched] = useState<Watched<Seen>>(NOTHING)
  useEffect(() => {
    if (isResting) return
    const controller = new AbortController()
    void follow(open, setWatched, controller.signal)
    return () => controller.abort()
  }, [open, isResting])
  return watched
}

const NOTHING = { seen: undefined, heardAtMs: undefined, problem: undefined }

type Tell<Seen> = (change: (before: Watched<Seen>) => Watched<Seen>) => void

async function follow<Seen extends { kind: string }>(open: Open<Seen>, tell: Tell<Seen>, signal: AbortSignal) {
  for (let failures = 0; !signal.aborted; ) {
    try {
      for await (const event of await open(signal)) {
        failures = 0
        const heardAtMs = Date.now()
        tell((before) =>
          isAway(event)
            ? { ...before, problem: { code: event.code, message: event.message, status: 0 } }
            : { seen: event, heardAtMs, problem: undefined },
        )
      }
    } catch (error) {
      if (signal.aborted) return
      const problem = problemOf(error)
      tell((before) => ({ ...before, problem }))
    }
    failures += 1
    await pause(backoffMs(failures, BACKOFF, Math.random()), signal)
  }
}

const isAway = (event: { kind: string }): event is LookAway => event.kind === 'away'

/** True while the tab is not seen. */
export const useIsHidden = (): boolean =>
  useSyncExternalStore(onVisibility, () => document.visibilityState === 'hidden')

function onVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

/** Ends early, and without a word, where the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
