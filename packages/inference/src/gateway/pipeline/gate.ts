/** Gate: admits so many at one time, and lets the others wait in the order in which they came. */

export type Gate = {
  /** Takes a place if one is free and nobody waits. */
  tryEnter(): boolean
  /** False if the signal fires before a place is free. */
  enter(signal: AbortSignal): Promise<boolean>
  /** Gives the place back. */
  leave(): void
  /** Those inside, and those that wait. */
  counts(): { inside: number; waiting: number }
}

/** `limit` may change between two calls. A smaller one sends nobody out. */
export function createGate(limit: () => number): Gate {
  let inside = 0
  const waiting = new Set<() => void>()
  const isFree = () => inside < limit()
  const admitNext = () => {
    for (const admit of waiting) {
      if (!isFree()) return
      waiting.delete(admit)
      inside += 1
      admit()
    }
  }
  const tryEnter = () => {
    // More places may have come since the last one left.
    admitNext()
    if (waiting.size > 0 || !isFree()) return false
    inside += 1
    return true
  }
  return {
    tryEnter,
    enter(signal) {
      if (signal.aborted) return Promise.resolve(false)
      if (tryEnter()) return Promise.resolve(true)
      return new Promise((resolve) => {
        const admit = () => {
          signal.removeEventListener('abort', giveUp)
          resolve(true)
        }
        const giveUp = () => {
          waiting.delete(admit)
          resolve(false)
        }
        signal.addEventListener('abort', giveUp, { once: true })
        waiting.add(admit)
      })
    },
    leave() {
      inside -= 1
      admitNext()
    },
    counts: () => ({ inside, waiting: waiting.size }),
  }
}
