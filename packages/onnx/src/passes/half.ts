/** Half precision: [IEEE 754-2019] binary16 numbers: a sign, five bits of exponent, ten of fraction. */

/**
 * The bits of the nearest binary16 numbers, ties to even, as numpy rounds. Numbers beyond the largest, 65,504, become
 * it instead of infinity, so that a model still answers with numbers. NaN and infinities become NaN and the largest.
 */
export function halfBits(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const halves = new Uint16Array(values.length)
  for (let index = 0; index < bits.length; index++) halves[index] = halfOf(bits[index] ?? 0)
  return halves
}

const NAN = 0x7e00
const LARGEST = 0x7bff

/** From here on, a float32 rounds to more than 65,504. */
const OVERFLOWS = 0x477fefff

/** Up to here, a float32 is no more than half of the smallest binary16 number. */
const VANISHES = 0x33000000

/** From here on, a binary16 number has its full eleven bits. */
const NORMAL = 0x38800000

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const magnitude = bits & 0x7fffffff
  if (magnitude > 0x7f800000) return sign | NAN
  if (magnitude >= OVERFLOWS) return sign | LARGEST
  if (magnitude <= VANISHES) return sign
  // Of a smaller number, the bit before the fraction moves down, too.
  const isNormal = magnitude >= NORMAL
  const fraction = isNormal ? magnitude - 0x38000000 : (magnitude & 0x7fffff) | 0x800000
  const shift = isNormal ? 13 : 126 - (magnitude >>> 23)
  const kept = fraction >>> shift
  const rest = fraction & ((1 << shift) - 1)
  const half = 1 << (shift - 1)
  const isUp = rest > half || (rest === half && kept % 2 === 1)
  return sign | (isUp ? kept + 1 : kept)
}
