/**
 * Supervision: restarts a part that ended by itself, a little later each time, and stops restarting when that happens
 * too often.
 */
import type { Worker } from 'node:worker_threads'
import { isCrashingOften, recentCrashes } from '@skerry/core/device/crash-suspicion'
import { backoffMs } from '@skerry/core/values/backoff'
import type { Clock } from './clock.ts'

const BACKOFF = { baseMs: 500, maxMs: 30_000 }

export type Supervised<Cause> = {
  /** Runs until it ends, and gives why. */
  run(): Promise<Cause>
  /** It ended without an order; after `quarantined` it is not restarted. */
  onEnd(kind: 'crashed' | 'quarantined', cause: Cause): void
}

export type Supervision = {
  /** Within the last ten minutes. */
  crashes(): number
  /** Resolves when it will not restart any more. */
  over: Promise<void>
}

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

/** Long enough for the reason, short enough for a report. */
const MESSAGE_MAX = 500

/** Resolves when the thread has ended, with its last error message. */
export async function whenThreadEnds(thread: Worker): Promise<string> {
  let message = 'its thread ended'
  thread.on('error', (error: unknown) => {
    message = (error instanceof Error ? error.message : String(error)).slice(0, MESSAGE_MAX)
  })
  await new Promise<void>((resolve) => thread.on('exit', () => resolve()))
  return message
}
