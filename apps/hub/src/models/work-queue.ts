/** Work queue: heavy work one after the other, with a limit on how much may wait. */

export type WorkQueue = {
  /** Runs the work when it is its turn; undefined at once where too much waits already. */
  run<T>(work: () => Promise<T>): Promise<T> | undefined
  /** How much runs or waits now, and how much may. */
  load(): { open: number; max: number }
}

/** Makes an empty queue. `waitingMax` does not count the work that runs. */
export function createWorkQueue(waitingMax: number): WorkQueue {
  let last: Promise<unknown> = Promise.resolve()
  let open = 0
  return {
    run(work) {
      if (open > waitingMax) return undefined
      open += 1
      const mine = last.then(work, work).finally(() => {
        open -= 1
      })
      last = mine.catch(() => undefined)
      return mine
    },
    load: () => ({ open, max: waitingMax + 1 }),
  }
}
