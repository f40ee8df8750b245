/**
 * Hash queue: who hashes next. Each lane, such as an address of a network, has its turn after every other lane had one. So a stranger with many
 * requests waits behind their own requests, and everybody else waits for one hash of theirs at most.
 */
import { problem } from '../http/problem.ts'

type HashQueue = {
  /** Runs the work in the turn of its lane; throws `hub_busy` if too many wait. */
  run<T>(lane: string, work: () => Promise<T>): Promise<T>
}

type Waiter = { start(): void; refuse(): void }

type Shape = {
  atOnceMax: number
  waitingMax: number
  /** Whether a lane is of somebody who has signed in before, and so cannot be had in any number. */
  isKnown(lane: string): boolean
}

/** Makes an empty queue. */
export function createHashQueue({ atOnceMax, waitingMax, isKnown }: Shape): HashQueue {
  /** The lane whose turn is next stands first. */
  const lanes = new Map<string, Waiter[]>()
  let underWay = 0
  let waiting = 0

  function takeNext(): Waiter | undefined {
    const [first] = lanes
    if (!first) return undefined
    const [lane, waiters] = first
    const next = waiters.shift()
    lanes.delete(lane)
    if (waiters.length > 0) lanes.set(lane, waiters)
    waiting -= 1
    return next
  }

  /**
   * A full queue refuses the newest request of the longest lane: that one has had more than its share. Where no lane has, as when a stranger
   * has many addresses, the first request of a known lane takes the place of a stranger's.
   */
  function makeRoom(lane: string): void {
    const own = lanes.get(lane)?.length ?? 0
    let loser = longestOf([...lanes])
    if (!loser || loser[1].length <= own + 1) {
      loser = own === 0 && isKnown(lane) ? longestOf([...lanes].filter(([each]) => !isKnown(each))) : undefined
    }
    if (!loser) throw busy()
    const [name, waiters] = loser
    waiters.pop()?.refuse()
    if (waiters.length === 0) lanes.delete(name)
    waiting -= 1
  }

  function wait(lane: string): Promise<void> {
    if (waiting >= waitingMax) makeRoom(lane)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    lanes.set(lane, [...(lanes.get(lane) ?? []), { start: resolve, refuse: () => reject(busy()) }])
    waiting += 1
    return promise
  }

  return {
    async run(lane, work) {
      if (underWay >= atOnceMax) await wait(lane)
      else underWay += 1
      try {
        return await work()
      } finally {
        const next = takeNext()
        if (next) next.start()
        else underWay -= 1
      }
    },
  }
}

/** The one with the most waiters; of several the latest, which has waited least. */
const longestOf = (lanes: [string, Waiter[]][]) =>
  lanes.length === 0 ? undefined : lanes.reduce((most, each) => (each[1].length >= most[1].length ? each : most))

const busy = () => problem('hub_busy', 'too many people sign in at once; try again shortly')
