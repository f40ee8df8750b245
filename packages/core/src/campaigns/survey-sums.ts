/**
 * Survey sums: the sum of many values, and of their squares, in words whose sums over 1,000 devices do not wrap. Each value
 * becomes a whole number, its quanta from the lower to the upper edge of the range.
 */

/** 16 bits: the error of a value is at most 1 / 131,070 of the range. */
export const QUANTA = 65_535

const HALF_WORD = 65_536

/** Two words for the sum, three for the sum of squares. */
export const SUM_WORDS = 5

/** The value in quanta. Values outside of the range are moved to its edge. */
export function quantum(value: number, low: number, high: number): number {
  const inside = Math.max(low, Math.min(high, value))
  return Math.round(((inside - low) / (high - low)) * QUANTA)
}

export type Sums = { sum: number; squares: number }

/** The last word of each sum is at most the number of values, and the others have 16 bits. */
export function writeSums(words: Uint32Array, { sum, squares }: Sums): void {
  words[0] = sum % HALF_WORD
  words[1] = Math.floor(sum / HALF_WORD)
  words[2] = squares % HALF_WORD
  words[3] = Math.floor(squares / HALF_WORD) % HALF_WORD
  words[4] = Math.floor(squares / HALF_WORD ** 2)
}

/** The sums behind the words, or behind the sum of the words of many devices. */
export function readSums(words: readonly number[]): Sums {
  const [low = 0, high = 0, first = 0, second = 0, third = 0] = words
  return { sum: low + high * HALF_WORD, squares: first + second * HALF_WORD + third * HALF_WORD ** 2 }
}
