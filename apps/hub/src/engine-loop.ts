/**
 * Loop of an engine: an engine derives its next work from rows, does a pass of it, and waits until an event wakes it or a
 * time has passed. It keeps nothing in memory, so that a crash costs at most the pass that was under way.
 */
import type { Hub } from './hub.ts'

/** The bus may lose an event, and another hub may stop in the middle of its work. */
export const ENGINE_IDLE_MS = 10_000

type Engine = {
  /** Snake case: the log names a failed pass `NAME_engine_failed`. */
  name: 'optimisation' | 'campaign'
  /** This event ends the wait. */
  event: Parameters<Hub['bus']['subscribe']>[0]
  /** Does the work that is there now, and returns after how many milliseconds it wants to look again. */
  pass(signal: AbortSignal): Promise<number>
}

/** Starts the loop. Disposing it aborts the pass that is under way, and waits for its end. */
export function startEngine(hub: Hub, { name, event, pass }: Engine): AsyncDisposable {
  const stop = new AbortController()
  const signal = AbortSignal.any([hub.signal, stop.signal])
  let woken = Promise.withResolvers<void>()
  const unsubscribe = hub.bus.subscribe(event, undefined, () => woken.resolve())
  const working = (async () => {
    while (!signal.aborted) {
      woken = Promise.withResolvers<void>()
      const waitMs = await pass(signal).catch((error: unknown) => {
        if (!signal.aborted) hub.log.error(`${name}_engine_failed`, { error })
        return ENGINE_IDLE_MS
      })
      if (waitMs > 0) await waitFor(hub, { wake: woken.promise, waitMs }, signal)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      unsubscribe()
      stop.abort(new DOMException('the engine has stopped', 'AbortError'))
      await working
    },
  }
}

async function waitFor(hub: Hub, { wake, waitMs }: { wake: Promise<void>; waitMs: number }, signal: AbortSignal) {
  const ended = new AbortController()
  const sleeping = hub.clock.sleep(waitMs, AbortSignal.any([ended.signal, signal])).catch(() => undefined)
  await Promise.race([wake, sleeping])
  ended.abort()
}
