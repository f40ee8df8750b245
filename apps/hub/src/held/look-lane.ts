/** Look lane: looks at the waiting devices, a few at a time, regardless of how many a change affects. */

/**
 * A few keep a remote database busy. More would cost 20 kB of frames each, and reports would wait while documents are
 * encrypted.
 */
const LOOKS_AT_ONCE = 4

export type LookLane<Waiting> = {
  /** Looks at it as soon as the earlier ones are done. */
  add(waiting: Waiting): void
}

/** The function `look` must never reject. */
export function createLookLane<Waiting>(look: (waiting: Waiting) => Promise<void>): LookLane<Waiting> {
  const queue = new Set<Waiting>()
  let busy = 0
  const work = async () => {
    for (const waiting of queue) {
      queue.delete(waiting)
      await look(waiting)
    }
    busy -= 1
  }
  return {
    add(waiting) {
      queue.add(waiting)
      if (busy >= LOOKS_AT_ONCE) return
      busy += 1
      void work()
    },
  }
}
