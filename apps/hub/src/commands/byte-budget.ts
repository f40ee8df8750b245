/**
 * Byte budget: how much memory something may take in all, shared among organisations. An asker for more than its share is refused, and nobody
 * waits. The share is half of what the others leave: alone an organisation may have half of the budget, the next one a quarter beside it. So
 * room is always left for one more, and no organisation can take all.
 */

export type ByteBudget = {
  /** Sets so many bytes aside for the group; undefined where there is no room for them now. Giving them back twice does nothing. */
  reserve(bytes: number, group: string): ByteLease | undefined
}

export type ByteLease = Disposable

/** A budget of which nothing has been taken. */
export function createByteBudget(bytesMax: number): ByteBudget {
  const taken = new Map<string, number>()
  const takenBy = (group: string) => taken.get(group) ?? 0
  const change = (group: string, bytes: number) => {
    const left = takenBy(group) + bytes
    if (left === 0) taken.delete(group)
    else taken.set(group, left)
  }
  return {
    reserve(bytes, group) {
      const ofAll = [...taken.values()].reduce((sum, each) => sum + each, 0)
      const ofOthers = ofAll - takenBy(group)
      if (takenBy(group) + bytes > (bytesMax - ofOthers) / 2) return undefined
      change(group, bytes)
      let held = bytes
      return {
        [Symbol.dispose]() {
          change(group, -held)
          held = 0
        },
      }
    },
  }
}
