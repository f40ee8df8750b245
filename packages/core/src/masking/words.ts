/** Vectors of whole numbers modulo 2^32, in which masks cancel exactly. A Uint32Array wraps by itself. */

/**
 * Gives `use` uniform words from a seed: a stream cipher, which the caller gives. A seed is used for one vector. The words
 * are valid until `use` returns, so that their memory is free for the next vector at once.
 */
export type Expander = (seed: Uint8Array, length: number, use: (words: Uint32Array) => void) => void

/** Adds `summand` to `sum`, in place. */
export function addWords(sum: Uint32Array, summand: Uint32Array): void {
  for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) + (summand[index] ?? 0)
}

/** Subtracts `subtrahend` from `sum`, in place. */
export function subtractWords(sum: Uint32Array, subtrahend: Uint32Array): void {
  for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) - (subtrahend[index] ?? 0)
}
