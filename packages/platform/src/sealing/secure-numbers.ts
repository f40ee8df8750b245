/** Secure numbers: uniform numbers that nobody can predict, drawn many at once. */
import { randomFillSync } from 'node:crypto'

/** One call of the system for each number would take longer than a training. Two words make one number. */
const BLOCK = 32_768

/** Uniform numbers from 0 to less than 1, with 53 random bits. */
export function secureNumbers(): () => number {
  const block = new Uint32Array(BLOCK)
  let at = BLOCK
  return () => {
    if (at === BLOCK) {
      randomFillSync(block)
      at = 0
    }
    const high = (block[at] ?? 0) >>> 5
    const low = (block[at + 1] ?? 0) >>> 6
    at += 2
    return (high * 2 ** 26 + low) / 2 ** 53
  }
}
