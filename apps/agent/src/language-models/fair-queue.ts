/**
 * Fair queue: some requests run at a time, and callers take turns. A caller with a hundred requests delays another caller
 * by one request, not by a hundred.
 */
export type Turn = Disposable

export type FairQueue = {
  /** Resolves when it is the caller's turn. `full`: too many requests wait. `gone`: the signal fired meanwhile. */
  enter(caller: string, signal: AbortSignal): Promise<Turn | 'full' | 'gone'>
  readonly waiting: number
}

type Waiting = { begin(): void }

/** An empty queue, in which at most `max` requests wait while `turns` of them run. */
export function createFairQueue(max: number, turns: number): FairQueue {
  /** Callers in the order of their next turns, each with its requests. A caller without requests is absent. */
  const lines = new Map<string, Waiting[]>()
  let waiting = 0
  let running = 0
  const next = () => {
    const [first] = lines
    if (!first) {
      running -= 1
      return
    }
    const [caller, line] = first
    lines.delete(caller)
    const one = line.shift()
    // The caller goes behind all others.
    if (line.length > 0) lines.set(caller, line)
    waiting -= 1
    one?.begin()
  }
  const newTurn = (): Turn => {
    let isOver = false
    return {
      [Symbol.dispose]() {
        if (!isOver) next()
        isOver = true
      },
    }
  }
  return {
    get waiting() {
      return waiting
    },
    async enter(caller, signal) {
      if (signal.aborted) return 'gone'
      if (running < turns) {
        running += 1
        return newTurn()
      }
      if (waiting >= max) return 'full'
      waiting += 1
      const { promise, resolve } = Promise.withResolvers<Turn | 'gone'>()
      const one: Waiting = { begin: () => resolve(newTurn()) }
      lines.set(caller, [...(lines.get(caller) ?? []), one])
      const leave = () => {
        const line = lines.get(caller)
        const at = line?.indexOf(one) ?? -1
        if (!line || at < 0) return
        line.splice(at, 1)
        if (line.length === 0) lines.delete(caller)
        waiting -= 1
        resolve('gone')
      }
      signal.addEventListener('abort', leave, { once: true })
      return promise.finally(() => signal.removeEventListener('abort', leave))
    },
  }
}
