/** Turns: one piece of work after the other, for equipment that bears one at a time. */
import type { Clock } from '@skerry/platform/process/clock'

export type Turns = <T>(work: () => Promise<T>) => Promise<T>

/** For whoever has the turn already: at once. */
export const ONE_TURN: Turns = (work) => work()

/** Nobody's turn yet. The next begins whether the one before went well or not. */
export function takeTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const result = last.then(work, work)
    last = result.catch(() => undefined)
    return result
  }
}

/** Work after which the equipment is left alone for a while. */
export type Politely = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

/** In turns, each so much longer than its work. What went wrong ends the connection, or takes as long as it takes. */
export const politely =
  (turns: Turns, pauseMs: number, clock: Pick<Clock, 'sleep'>): Politely =>
  (work, signal) =>
    turns(async () => {
      const result = await work()
      if (pauseMs > 0) await clock.sleep(pauseMs, signal)
      return result
    })

/** The same of requests that may be under way together where no pause is needed. */
export const politelyTogether = (pauseMs: number, clock: Pick<Clock, 'sleep'>): Politely =>
  politely(pauseMs > 0 ? takeTurns() : ONE_TURN, pauseMs, clock)

export type Rounds = {
  /** Beside others of its kind. */
  beside: Turns
  /** Waits for what is under way, and has whatever comes meanwhile wait. One at a time. */
  alone: Turns
}

/** Nothing is under way. Where nobody asks to be alone, nobody waits. */
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
