/**
 * Use watch: a stream of the hub about something on a device, open as long as somebody looks at it. A broken stream
 * opens again. If the device does not answer, the stream itself reports that, and the last data stays.
 */
import { type Problem, problemOf } from '@skerry/client/problem'
import type { LookAway } from '@skerry/contract/hub/look'
import { backoffMs } from '@skerry/core/values/backoff'
import { useEffect, useState, useSyncExternalStore } from 'react'
import { whileShown } from './while-shown.ts'

export type WatchState<Seen> = {
  seen: Seen | undefined
  /** The time of its arrival, by the clock of this page. */
  heardAtMs: number | undefined
  /** The current problem. The watch recovers by itself. */
  problem: Problem | undefined
}

/** A hub is back seconds after a restart. After more failures, retries are up to 15 s apart. */
const BACKOFF = { baseMs: 1_000, maxMs: 15_000 }

type Open<Seen> = (signal: AbortSignal) => Promise<AsyncIterable<Seen | LookAway>>

/** `open` must keep its identity as long as it opens the same stream. No stream is open while `isResting` is true. */
export function useWatch<Seen extends { kind: string }>(open: Open<Seen>, isResting: boolean): WatchState<Seen> {
  const [watched, setWatched] = useState<WatchState<Seen>>(NOTHING)
  useEffect(() => {
    if (isResting) return
    return whileShown((signal) => void follow(open, setWatched, signal))
  }, [open, isResting])
  return watched
}

const NOTHING = { seen: undefined, heardAtMs: undefined, problem: undefined }

type Tell<Seen> = (change: (before: WatchState<Seen>) => WatchState<Seen>) => void

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

/** True while the tab is hidden. */
export const useIsHidden = (): boolean =>
  useSyncExternalStore(onVisibility, () => document.visibilityState === 'hidden')

function onVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}

/** Ends early, without an error, if the signal fires. */
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
