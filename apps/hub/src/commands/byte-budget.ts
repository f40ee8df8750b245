/** Byte budget: how much memory something may take in all; whoever asks for more than is left is refused, and nobody waits. */

export type ByteBudget = {
  /** Sets so many bytes aside; undefined where there is no room for them now. Giving them back twice does nothing. */
  reserve(bytes: number): ByteLease | undefined
}

export type ByteLease = Disposable

/** A budget of which nothing has been taken. */
export function createByteBudget(bytesMax: number): ByteBudget {
  let taken = 0
  return {
    reserve(bytes) {
      if (taken + bytes > bytesMax) return undefined
      taken += bytes
      let held = bytes
      return {
        [Symbol.dispose]() {
          taken -= held
          held = 0
        },
      }
    },
  }
}
