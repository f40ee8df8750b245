/**
 * Wake-up: lets one loop sleep until an event or a time. An event during its work is not lost, because it is kept as a
 * level.
 */
import type { Clock } from '@skerry/platform/process/clock'

export type WakeUp = {
  wake(): void
  /**
   * Resolves at the next `wake`, at once if there was one since the last wait, or after `ms`. Rejects when the signal
   * aborts.
   */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** Created once: the default reason is an exception with a stack, which takes as long as the rest of a wake-up. */
const WOKEN = 'woken'

/** At the start there was no `wake`. */
export function createWakeUp(clock: Pick<Clock, 'sleep'>): WakeUp {
  let isAwake = false
  let stir = () => {}
  return {
    wake() {
      isAwake = true
      stir()
    },
    async wait(ms, signal) {
      signal.throwIfAborted()
      if (!isAwake) {
        const stirred = new AbortController()
        stir = () => stirred.abort(WOKEN)
        await clock.sleep(ms, AbortSignal.any([signal, stirred.signal])).catch((error: unknown) => {
          if (!stirred.signal.aborted) throw error
        })
      }
      signal.throwIfAborted()
      isAwake = false
    },
  }
}
