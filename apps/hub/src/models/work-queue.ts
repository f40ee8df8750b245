/**
 * Work queue: heavy tasks of several owners, a few at a time. The owners take turns. No owner may use all places, and
 * each may have only a limited number of pending tasks.
 */

export type WorkQueue = {
  /**
   * Runs the work in its turn, or returns at once that too many tasks are pending. When the signal fires, pending work
   * is removed.
   */
  run<T>(owner: string, work: () => Promise<T>, signal: AbortSignal): QueuedWork<T>
  /** The number of running and pending tasks, and their limits. */
  load(): { open: number; max: number }
}

export type QueuedWork<T> = { ok: true; value: Promise<T> } | { ok: false; full: 'share' | 'queue' }

export type WorkLimits = {
  /** Tasks that run at the same time. */
  workers: number
  /** Pending tasks of all owners. The last half is reserved for owners that have none. */
  waitingMax: number
  waitingEachMax: number
}

type Waiting = { start: () => void }

/** The tasks of one owner in the queue. Owners without tasks are deleted. */
type Share = { running: number; waiting: Waiting[] }

export function createWorkQueue(limits: WorkLimits): WorkQueue {
  const { workers, waitingMax } = limits
  /** In the order of turns: an owner moves to the end when one of its tasks starts, and when it ends. */
  const shares = new Map<string, Share>()
  let running = 0
  let waiting = 0

  const startNext = (): void => {
    const owner = running < workers ? nextOwner(shares, workers) : undefined
    const share = owner === undefined ? undefined : shares.get(owner)
    const next = share?.waiting.shift()
    if (owner === undefined || !share || !next) return
    toEnd(owner, share)
    share.running += 1
    running += 1
    waiting -= 1
    next.start()
  }
  const toEnd = (owner: string, share: Share): void => {
    shares.delete(owner)
    shares.set(owner, share)
  }
  const forget = (owner: string, share: Share): void => {
    if (share.running === 0 && share.waiting.length === 0) shares.delete(owner)
  }
  const end = (owner: string, share: Share): void => {
    share.running -= 1
    running -= 1
    toEnd(owner, share)
    forget(owner, share)
    startNext()
  }

  return {
    run(owner, work, signal) {
      const share = shares.get(owner) ?? { running: 0, waiting: [] }
      const full = refusalOf(share, { ...limits, waiting })
      if (full) return { ok: false, full }
      const turn = Promise.withResolvers<void>()
      const mine: Waiting = { start: turn.resolve }
      const leave = () => {
        const at = share.waiting.indexOf(mine)
        if (at === -1) return
        share.waiting.splice(at, 1)
        waiting -= 1
        forget(owner, share)
        turn.reject(signal.reason)
      }
      shares.set(owner, share)
      share.waiting.push(mine)
      waiting += 1
      signal.addEventListener('abort', leave, { once: true })
      const started = turn.promise.finally(() => signal.removeEventListener('abort', leave))
      const value = started.then(() => work().finally(() => end(owner, share)))
      if (signal.aborted) leave()
      else startNext()
      return { ok: true, value }
    },
    load: () => ({ open: running + waiting, max: workers + waitingMax }),
  }
}

/**
 * One place stays free for the others if there are at least two. A task may take a minute, and other owners should not
 * wait for it.
 */
function nextOwner(shares: ReadonlyMap<string, Share>, workers: number): string | undefined {
  const runningEachMax = Math.max(1, workers - 1)
  for (const [owner, share] of shares) {
    if (share.waiting.length > 0 && share.running < runningEachMax) return owner
  }
  return undefined
}

type Fill = WorkLimits & { waiting: number }

function refusalOf(share: Share, { waiting, waitingMax, waitingEachMax }: Fill): 'share' | 'queue' | undefined {
  const own = share.waiting.length
  if (own >= waitingEachMax) return 'share'
  const isOpen = own === 0 ? waiting < waitingMax : waiting < waitingMax / 2
  return isOpen ? undefined : 'queue'
}
