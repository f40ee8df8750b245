/** Fair queue: holds waiting items, and serves the groups in turn. A group that adds many items delays only itself. */

export type FairQueue<T> = {
  add(group: string, item: T): void
  /** The next item of a group that may have a turn now; undefined if there is none. */
  take(mayRun: (group: string) => boolean): T | undefined
  /** Removes a waiting item; does nothing if it is not waiting. */
  remove(group: string, item: T): void
  /** The number of waiting items in the group. */
  waiting(group: string): number
  /** Removes and returns all waiting items. */
  clear(): T[]
}

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
