/**
 * Gate: so many at a time, the others in the order in which they came. Simulated devices share one thread, where real ones have a processor
 * each: if thousands of them began to connect at one moment, each would wait for the others until all had given up.
 */

export type Gate = {
  /** Resolves with the way out when there is a place; rejects when the signal fires first. */
  enter(signal: AbortSignal): Promise<() => void>
}

/** All places are free. */
export function createGate(places: number): Gate {
  const waiting = new Set<() => void>()
  let free = places
  const leave = () => {
    free += 1
    const [next] = waiting
    next?.()
  }
  return {
    enter(signal) {
      return new Promise((resolve, reject) => {
        const give = () => {
          free -= 1
          waiting.delete(give)
          signal.removeEventListener('abort', giveUp)
          resolve(once(leave))
        }
        const giveUp = () => {
          waiting.delete(give)
          reject(signal.reason)
        }
        if (signal.aborted) return reject(signal.reason)
        if (free > 0 && waiting.size === 0) return give()
        waiting.add(give)
        return signal.addEventListener('abort', giveUp, { once: true })
      })
    },
  }
}

function once(work: () => void): () => void {
  let isDone = false
  return () => {
    if (isDone) return
    isDone = true
    work()
  }
}
