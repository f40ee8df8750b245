/** Outbox: what waits for something slow, such as a model or a sink. Bounded; what does not fit is dropped by the stated policy, and counted. */

export type OutboxRule = { max: number; drop: 'oldest' | 'newest' }

export type Outbox<Item> = {
  /** Never waits. Whether the item has a place; what is dropped for it has lost its own. */
  push(item: Item): boolean
  /** Those that wait, without those that are on their way. */
  readonly size: number
  readonly dropped: number
  /** Once there is room for one more. */
  room(): Promise<void>
  /** Once nothing waits and nothing is on its way. */
  idle(): Promise<void>
}

type Work<Item> = {
  /** How many of those that wait go together. */
  batchMax: number
  /** Must not fail. One at a time, so that what was told first arrives first. */
  carry(items: Item[]): Promise<void>
  onDropped(item: Item): void
}

/** Empty. */
export function createOutbox<Item>(rule: OutboxRule, work: Work<Item>): Outbox<Item> {
  const waiting: Item[] = []
  let dropped = 0
  let isCarrying = false
  let heard: (() => void)[] = []
  const drop = (item: Item | undefined) => {
    if (item === undefined) return
    dropped += 1
    work.onDropped(item)
  }
  const carryOn = async () => {
    isCarrying = true
    while (waiting.length > 0) {
      const carrying = work.carry(waiting.splice(0, work.batchMax))
      // There is room now.
      wake()
      await carrying
    }
    isCarrying = false
    wake()
  }
  const wake = () => {
    for (const resolve of heard.splice(0)) resolve()
    heard = []
  }
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await new Promise<void>((resolve) => heard.push(resolve))
  }
  return {
    push(item) {
      const isFull = waiting.length >= rule.max
      if (isFull && rule.drop === 'newest') {
        drop(item)
        return false
      }
      if (isFull) drop(waiting.shift())
      waiting.push(item)
      if (!isCarrying) void carryOn()
      return true
    },
    get size() {
      return waiting.length
    },
    get dropped() {
      return dropped
    },
    room: () => until(() => waiting.length < rule.max),
    idle: () => until(() => waiting.length === 0 && !isCarrying),
  }
}
