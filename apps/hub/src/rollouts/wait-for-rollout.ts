/** Waits until a rollout may have changed. */
import type { RolloutId } from '@skerry/contract/values/ids'
import type { Hub } from '../hub.ts'

/** Should an event be lost, whoever watches sees the change after so long. */
const LOOK_AGAIN_MS = 10_000

/** Resolves at the next event, after a while, or when the signal fires; it listens from the call on. */
export function waitForRollout({ bus }: Pick<Hub, 'bus'>, id: RolloutId, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      stop()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, LOOK_AGAIN_MS)
    const stop = bus.subscribe('rollout.changed', id, end)
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })
}
