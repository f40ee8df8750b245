/**
 * Take-over: when a runner opens its ports while the runner of the earlier agent still serves. It waits until it has
 * each model that the device should serve, so that no request meets a runner without it.
 */
import type { Clock } from '@skerry/platform/process/clock'
import type { ExpectedModel } from '../equipment/expectant-host.ts'
import type { RunnerOrder } from '../runner-message.ts'

export type TakeOver = {
  /** Called with each order that the runner carried out. */
  obeyed(order: RunnerOrder): void
  /** Resolves when it is the turn of this runner. Rejects only with the signal. */
  turn(isServed: () => boolean, signal: AbortSignal): Promise<void>
}

/** In milliseconds: the wait between two looks. */
const LOOK_MS = 50

/**
 * In milliseconds. A model that cannot be loaded must not keep the others with the earlier agent, and a model that
 * nobody wants any more must end. Loading takes seconds.
 */
export const TURN_MAX_MS = 120_000

export function createTakeOver(expected: readonly ExpectedModel[], clock: Clock): TakeOver {
  // A model with a reason is away for longer than a load.
  const missing = new Set(expected.filter(({ reason }) => reason === undefined).map(({ name }) => name))
  return {
    obeyed(order) {
      if (order.kind === 'activate' || order.kind === 'deactivate') missing.delete(order.name)
      if (order.kind === 'expect') missing.delete(order.model.name)
    },
    async turn(isServed, signal) {
      const endMs = clock.monotonicMs() + TURN_MAX_MS
      while (missing.size > 0 && isServed() && clock.monotonicMs() < endMs) await clock.sleep(LOOK_MS, signal)
    },
  }
}
