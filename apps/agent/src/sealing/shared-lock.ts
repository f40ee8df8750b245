/**
 * Shared lock: many callers may read at once, or one may change. Callers get it in the order of their requests, so that
 * nobody waits for ever.
 */

export type SharedLock = {
  /** While it works, nothing is changed. */
  shared<T>(work: () => Promise<T>): Promise<T>
  /** While it works, it is alone. */
  alone<T>(work: () => Promise<T>): Promise<T>
}

export function createSharedLock(): SharedLock {
  let looking: Promise<unknown>[] = []
  let changed: Promise<unknown> = Promise.resolve()
  const settled = (work: Promise<unknown>) => work.then(ignore, ignore)
  return {
    shared(work) {
      const done = changed.then(work)
      looking.push(settled(done))
      return done
    },
    alone(work) {
      const done = Promise.all([changed, ...looking]).then(work)
      looking = []
      changed = settled(done)
      return done
    },
  }
}

const ignore = () => undefined
