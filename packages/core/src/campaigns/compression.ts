/**
 * Compression: the step of a device in whole numbers of 8 bits, with a scale for each block. The rounding of a round is
 * not lost: the device adds it to its next step (error feedback, [Seide 2014], [Karimireddy 2019]).
 */

/** A scale costs 4 bytes, so a block of this size takes 1.02 bytes for each weight. */
const BLOCK = 256

const LARGEST = 127

/** The bytes of a compressed step. */
export const compressedBytes = (elements: number): number => elements + 4 * Math.ceil(elements / BLOCK)

/** All scales as little-endian float32, and then all numbers. */
export function compressStep(step: Float32Array): Uint8Array {
  const blocks = Math.ceil(step.length / BLOCK)
  const bytes = new Uint8Array(compressedBytes(step.length))
  const scales = new Float32Array(bytes.buffer, 0, blocks)
  const numbers = new Int8Array(bytes.buffer, blocks * 4)
  for (let block = 0; block < blocks; block += 1) {
    const start = block * BLOCK
    const part = step.subarray(start, start + BLOCK)
    const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    scales[block] = largest / LARGEST
    const scale = scales[block] ?? 0
    if (scale > 0) for (const [at, value] of part.entries()) numbers[start + at] = Math.round(value / scale)
  }
  return bytes
}

/** The step of so many weights; undefined if the bytes have another length. */
export function expandStep(bytes: Uint8Array, elements: number): Float32Array | undefined {
  if (bytes.byteLength !== compressedBytes(elements)) return undefined
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice()
  const blocks = Math.ceil(elements / BLOCK)
  const scales = new Float32Array(aligned.buffer, aligned.byteOffset, blocks)
  const numbers = new Int8Array(aligned.buffer, aligned.byteOffset + blocks * 4, elements)
  return Float32Array.from(numbers, (value, at) => value * (scales[Math.floor(at / BLOCK)] ?? 0))
}

/** The weights that the hub computes from the start of the round and the compressed step. */
export function expandWeights(start: Float32Array, bytes: Uint8Array): Float32Array | undefined {
  return expandStep(bytes, start.length)?.map((step, at) => (start[at] ?? 0) + step)
}

export type Compressed = { bytes: Uint8Array; residual: Float32Array }

/** The compressed way from `start` to `trained` and the residual of earlier rounds, and the new residual. */
export function compressWay(start: Float32Array, trained: Float32Array, residual: Float32Array): Compressed {
  const step = trained.map((value, at) => value - (start[at] ?? 0) + (residual[at] ?? 0))
  const bytes = compressStep(step)
  const sent = expandStep(bytes, step.length) ?? step
  return { bytes, residual: step.map((value, at) => value - (sent[at] ?? 0)) }
}
