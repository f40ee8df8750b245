/**
 * Outbox: the items that wait for a slow receiver, such as a model or a sink. It is bounded: the configured policy
 * drops items that do not fit, and counts them.
 */

export type OutboxRule = { max: number; drop: 'oldest' | 'newest' }

export type Outbox<Item> = {
  /** Never waits. Returns whether the item has a place. Another item may be dropped for it. */
  push(item: Item): boolean
  /** The number of waiting items, without those that are being sent. */
  readonly size: number
  readonly dropped: number
  /** Resolves when there is room for one more item. */
  room(): Promise<void>
  /** Resolves when no item waits or is being sent. */
  idle(): Promise<void>
}

type Work<Item> = {
  /** The most waiting items that are sent together. */
  batchMax: number
  /** Must not fail. It runs one call at a time, so that items arrive in their order. */
  carry(items: Item[]): Promise<void>
  onDropped(item: Item): void
}

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
      // There is room for new items now.
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
