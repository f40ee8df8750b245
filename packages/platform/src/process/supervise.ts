/** Supervision: what ended by itself is begun anew, a little later each time, and left alone when that happens again and again. */
import type { Worker } from 'node:worker_threads'
import { isCrashingOften, recentCrashes } from '@skerry/core/device/crash-suspicion'
import { backoffMs } from '@skerry/core/values/backoff'
import type { Clock } from './clock.ts'

const BACKOFF = { baseMs: 500, maxMs: 30_000 }

export type Supervised<Cause> = {
  /** Runs until it ends, and gives why. */
  run(): Promise<Cause>
  /** It ended though nobody asked for it; after `quarantined` it is not begun anew. */
  onEnd(kind: 'crashed' | 'quarantined', cause: Cause): void
}

export type Supervision = {
  /** Within the last ten minutes. */
  crashes(): number
  /** Resolves when it will not be begun anew. */
  over: Promise<void>
}

/** Begins it. */
export function supervise<Cause>(
  supervised: Supervised<Cause>,
  { clock, random }: { clock: Clock; random: () => number },
  signal: AbortSignal,
): Supervision {
  let crashesMs: number[] = []
  async function keepRunning(): Promise<void> {
    while (!signal.aborted) {
      const cause = await supervised.run()
      if (signal.aborted) return
      const nowMs = clock.monotonicMs()
      crashesMs = [...recentCrashes(crashesMs, nowMs), nowMs]
      const isTooOften = isCrashingOften(crashesMs, nowMs)
      supervised.onEnd(isTooOften ? 'quarantined' : 'crashed', cause)
      if (isTooOften) return
      await clock.sleep(backoffMs(crashesMs.length, BACKOFF, random()), signal).catch(() => undefined)
    }
  }
  return { over: keepRunning(), crashes: () => recentCrashes(crashesMs, clock.monotonicMs()).length }
}

/** Long enough to say what it was, short enough for a report. */
const MESSAGE_MAX = 500

/** Resolves when the thread has ended, with what it said last. */
export async function whenThreadEnds(thread: Worker): Promise<string> {
  let message = 'its thread ended'
  thread.on('error', (error: unknown) => {
    message = (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_MAX)
  })
  await new Promise<void>((resolve) => thread.on('exit', () => resolve()))
  return message
}
