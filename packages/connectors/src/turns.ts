/** Turns: one piece of work after the other, for equipment that tolerates one at a time. */
import type { Clock } from '@skerry/platform/process/clock'

export type Turns = <T>(work: () => Promise<T>) => Promise<T>

/** For a caller that has the turn already: the work runs at once. */
export const ONE_TURN: Turns = (work) => work()

/** At the start the turn is free. The next work begins whether the previous one succeeded or not. */
export function takeTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work, work)
    last = result.catch(() => undefined)
    return result
  }
}

/** Work that is followed by a pause for the equipment. */
export type Politely = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

/**
 * Runs work in turns, with a pause after each. After a failure there is no pause: the connection ends, or the failure
 * took time itself.
 */
export const politely =
  (turns: Turns, pauseMs: number, clock: Pick<Clock, 'sleep'>): Politely =>
  (work, signal) =>
    turns(async () => {
      const result = await work()
      if (pauseMs > 0) await clock.sleep(pauseMs, signal)
      return result
    })

/** As `politely`, for requests that may run in parallel if no pause is needed. */
export const politelyTogether = (pauseMs: number, clock: Pick<Clock, 'sleep'>): Politely =>
  politely(pauseMs > 0 ? takeTurns() : ONE_TURN, pauseMs, clock)

export type Rounds = {
  /** Runs beside other work of its kind. */
  beside: Turns
  /** Waits until pending work is done, and lets new work wait. One caller at a time. */
  alone: Turns
}

/** At the start no work is pending. If no caller wants to be alone, no work waits. */
export function createRounds(): Rounds {
  const turn = takeTurns()
  let held: Promise<unknown> | undefined
  let underWay = 0
  let idle: (() => void) | undefined
  const untilIdle = async () => {
    if (underWay === 0) return
    const { promise, resolve } = Promise.withResolvers<void>()
    idle = resolve
    await promise
  }
  return {
    async beside(work) {
      while (held) await held
      underWay += 1
      try {
        return await work()
      } finally {
        underWay -= 1
        if (underWay === 0) idle?.()
      }
    },
    alone: (work) =>
      turn(async () => {
        const { promise, resolve } = Promise.withResolvers<void>()
        held = promise
        try {
          await untilIdle()
          return await work()
        } finally {
          held = undefined
          resolve()
        }
      }),
  }
}
