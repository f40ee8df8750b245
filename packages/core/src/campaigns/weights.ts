/** Weights: the values of a model's parameters as one line of numbers, in the order of the parameters. */

/** The least squared length: below it a step has no direction. */
const TINY = 1e-30

/** Whether each value is a number. */
export function isFiniteWeights(values: Float32Array): boolean {
  // The sum is NaN or infinite if one of them is: one pass without a branch for each value.
  let sum = 0
  for (const value of values) sum += value - value
  return sum === 0
}

/** The length of the step from `base` to `values`. */
export function stepNorm(base: Float32Array, values: Float32Array): number {
  let sum = 0
  for (let i = 0; i < base.length; i += 1) {
    const step = (values[i] ?? 0) - (base[i] ?? 0)
    sum += step * step
  }
  return Math.sqrt(Math.max(sum, TINY))
}

/** The numbers behind the bytes of an update. Undefined if there are not exactly so many. */
export function weightsOfBytes(bytes: Uint8Array, elements: number): Float32Array | undefined {
  if (bytes.byteLength !== elements * 4) return undefined
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  return new Float32Array(aligned.buffer, aligned.byteOffset, elements)
}

export const bytesOfWeights = (values: Float32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

/** The weights of each parameter as its own part of the line. */
export function splitWeights(
  values: Float32Array,
  parameters: readonly { name: string; elements: number }[],
): Map<string, Float32Array> {
  let at = 0
  return new Map(
    parameters.map(({ name, elements }) => {
      const part = values.subarray(at, at + elements)
      at += elements
      return [name, part]
    }),
  )
}

/** The line of all parameters. Undefined if one is missing, or has another size. */
export function joinWeights(
  parts: ReadonlyMap<string, Float32Array>,
  parameters: readonly { name: string; elements: number }[],
): Float32Array | undefined {
  const line = new Float32Array(parameters.reduce((sum, { elements }) => sum + elements, 0))
  let at = 0
  for (const { name, elements } of parameters) {
    const part = parts.get(name)
    if (part?.length !== elements) return undefined
    line.set(part, at)
    at += elements
  }
  return line
}
