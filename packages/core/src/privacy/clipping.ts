/** Updates for client-level differential privacy: cut to a norm, and noise for the sum of all. */

/** The norm of an update of several tensors together. */
export function updateNorm(tensors: Iterable<Float32Array>): number {
  let squares = 0
  for (const values of tensors) for (const value of values) squares += value * value
  return Math.sqrt(squares)
}

/** The factor that cuts an update of this norm to the bound; 1 leaves it. NaN has no norm, and is cut to nothing. */
export function clipFactor(norm: number, bound: number): number {
  if (Number.isNaN(norm)) return 0
  return norm > bound ? bound / norm : 1
}

/**
 * Numbers of the normal distribution, by the method of Box and Muller.
 *
 * @param random uniform numbers from 0 to less than 1, which nobody can predict
 */
export function normalNumbers(random: () => number): () => number {
  let spare: number | undefined
  return () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    // 1 - u is never zero.
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
}
