/** Turns: one piece of work after the other, for equipment that bears one at a time. */
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
