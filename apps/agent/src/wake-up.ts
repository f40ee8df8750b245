/** Wake-up: lets one loop sleep until something happens or some time passes. What happens while it works is not lost: it is a level. */
import type { Clock } from '@skerry/platform/process/clock'

export type WakeUp = {
  wake(): void
  /** Resolves at the next `wake`, at once if there was one since the last wait, or after `ms`. Rejects when aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>
}

/** Made once: the usual reason is an exception with a stack, and takes as long as all the rest of waking up. */
const WOKEN = 'woken'

/** Not woken yet. */
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
