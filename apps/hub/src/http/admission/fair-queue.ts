/** Fair queue: holds what waits, and serves the groups in turn: a group that adds much waits behind itself only. */

export type FairQueue<T> = {
  add(group: string, item: T): void
  /** The next item, of a group that may have a turn now; undefined where there is none. */
  take(mayRun: (group: string) => boolean): T | undefined
  /** Takes out what waits no more; what does not wait is left alone. */
  remove(group: string, item: T): void
  /** How much of the group waits. */
  waiting(group: string): number
  /** Removes all that waits, and gives it. */
  clear(): T[]
}

/** Makes an empty queue. */
export function createFairQueue<T>(): FairQueue<T> {
  /** The group at the front was served longest ago. */
  const groups = new Map<string, T[]>()
  return {
    add(group, item) {
      const items = groups.get(group)
      if (items) items.push(item)
      else groups.set(group, [item])
    },
    take(mayRun) {
      const turn = [...groups].find(([group]) => mayRun(group))
      if (!turn) return undefined
      const [group, items] = turn
      groups.delete(group)
      const item = items.shift()
      if (items.length > 0) groups.set(group, items)
      return item
    },
    remove(group, item) {
      const left = groups.get(group)?.filter((each) => each !== item) ?? []
      // The group keeps its place among the others.
      if (left.length > 0) groups.set(group, left)
      else groups.delete(group)
    },
    waiting: (group) => groups.get(group)?.length ?? 0,
    clear() {
      const all = [...groups.values()].flat()
      groups.clear()
      return all
    },
  }
}
