/** Outbox: what waits for something slow, such as a model or a sink. Bounded; what does not fit is dropped by the stated policy, and counted. */

export type OutboxRule = { max: number; drop: 'oldest' | 'newest' }

export type Outbox<Item> = {
  /** Never waits. */
  push(item: Item): void
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
      if (waiting.length < rule.max) waiting.push(item)
      else if (rule.drop === 'newest') drop(item)
      else {
        drop(waiting.shift())
        waiting.push(item)
      }
      if (!isCarrying) void carryOn()
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
