/**
 * Updates as whole numbers, so that their sum modulo 2^32 is their sum. A value is cut to a bound, weighted, moved
 * above zero and rounded at random, so that the expectation is exact. The first word carries the weight, by which the
 * sum of all is divided.
 */

/** `clip` bounds each value; `bits` is the width of each word before the sum. */
export type Quantisation = { clip: number; bits: number }

/** The widest words of which so many cannot wrap in a sum. */
export const wordBits = (clients: number): number => 32 - Math.ceil(Math.log2(clients + 1))

/**
 * @param ratio the rows of this client, divided by the largest number that counts: 0 to 1
 * @param random numbers from 0 to 1
 */
export function quantiseUpdate(
  values: Float32Array,
  ratio: number,
  { clip, bits }: Quantisation,
  random: () => number,
): Uint32Array {
  const top = 2 ** bits - 1
  const words = new Uint32Array(values.length + 1)
  words[0] = Math.round(ratio * top)
  // A loop over the index: a million values by an iterator cost twice as much.
  for (let index = 0; index < values.length; index++) {
    // NaN would become zero without a trace; the caller has rejected it.
    const cut = Math.max(-clip, Math.min(clip, values[index] ?? 0))
    words[index + 1] = Math.min(top, Math.floor(((ratio * cut + clip) / (2 * clip)) * top + random()))
  }
  return words
}

/** The mean of the updates by their weights, from the sum of their words; undefined if no client had a weight. */
export function meanOfWords(sum: Uint32Array, clients: number, { clip, bits }: Quantisation): Float64Array | undefined {
  const top = 2 ** bits - 1
  const [weights = 0] = sum
  if (weights === 0) return undefined
  return Float64Array.from(sum.subarray(1), (word) => ((word / top) * 2 * clip - clients * clip) / (weights / top))
}
