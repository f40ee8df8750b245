/**
 * Byte budget: limits the total memory of a task, shared among organisations. A request above the share of its
 * organisation is rejected at once, without a wait. The share is half of the bytes that the others leave. One
 * organisation alone gets half of the budget, and the next one beside it a quarter. So there is always room for one
 * more, and no organisation can use everything.
 */

export type ByteBudget = {
  /** Reserves bytes for the group; undefined if there is no room for them now. A second release does nothing. */
  reserve(bytes: number, group: string): ByteLease | undefined
}

export type ByteLease = Disposable

/** Creates a budget with all bytes free. */
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
