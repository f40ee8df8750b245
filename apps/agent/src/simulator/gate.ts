/**
 * Gate: admits a limited number at a time, and the others in the order of their arrival. Simulated devices share one
 * thread, but real ones have a processor each. If thousands of devices connected at one moment, each would wait for the
 * others until all had given up.
 */

export type Gate = {
  /** Resolves with the function to leave, when there is a place. Rejects if the signal aborts first. */
  enter(signal: AbortSignal): Promise<() => void>
}

/** At the start all places are free. */
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
