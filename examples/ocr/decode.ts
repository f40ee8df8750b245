/** Decode: the recogniser's probabilities, one row a step from left to right, as text. */

export type Reading = { text: string; confidence: number }

/**
 * [CTC, Graves 2006] The likeliest class of each step; repeats are one character, and class 0 stands between
 * characters. `probabilities` has `classes` values a step. Class n is `keys[n - 1]`. The margins of a line read as
 * spaces, and are cut off.
 */
export function decode(probabilities: Float32Array, classes: number, keys: readonly string[]): Reading {
  let text = ''
  let sum = 0
  let count = 0
  let last = 0
  for (let start = 0; start < probabilities.length; start += classes) {
    const step = probabilities.subarray(start, start + classes)
    const best = step.reduce((winner, value, index) => (value > (step[winner] ?? 0) ? index : winner), 0)
    if (best !== 0 && best !== last) {
      text += keys[best - 1] ?? ''
      sum += step[best] ?? 0
      count += 1
    }
    last = best
  }
  return { text: text.trim(), confidence: count === 0 ? 0 : sum / count }
}
