/**
 * Shamir's secret sharing over GF(2^8). Of the shares, `threshold` give the secret, and fewer reveal nothing of it. The
 * first byte of a share is its place.
 *
 * [Shamir, 1979], with the field of AES. Products take the same time for all numbers, since secrets are multiplied.
 */

/** A share has a place of one byte, and place 0 is the secret. */
export const HOLDERS_MAX = 255

type Sharing = { holders: number; threshold: number }

/** @param random uniform bytes of this number, which nobody else knows */
export function splitSecret(
  secret: Uint8Array,
  { holders, threshold }: Sharing,
  random: (count: number) => Uint8Array,
): Uint8Array[] {
  if (threshold < 1 || threshold > holders || holders > HOLDERS_MAX)
    throw new RangeError(`${threshold} of ${holders} shares cannot be made`)
  const coefficients = random(secret.length * (threshold - 1))
  return Array.from({ length: holders }, (_, holder) => {
    const place = holder + 1
    const share = new Uint8Array(secret.length + 1)
    share[0] = place
    for (const [at, byte] of secret.entries())
      share[at + 1] = valueAt(place, byte, coefficients.subarray(at * (threshold - 1), (at + 1) * (threshold - 1)))
    return share
  })
}

/** The secret of these shares, of different places and equal lengths. Too few shares give another secret. */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array {
  const places = shares.map(([place = 0]) => place)
  const [first] = shares
  const isSound = new Set(places).size === places.length && shares.every(({ length }) => length === first?.length)
  if (!first || places.includes(0) || !isSound) throw new RangeError('the shares are not of one secret')
  const weights = places.map((place) => weightOf(place, places))
  return Uint8Array.from({ length: first.length - 1 }, (_, at) =>
    shares.reduce((sum, share, index) => sum ^ product(share[at + 1] ?? 0, weights[index] ?? 0), 0),
  )
}

/** The polynomial with the secret as its constant, at a place. */
function valueAt(place: number, secret: number, coefficients: Uint8Array): number {
  let value = 0
  for (let index = coefficients.length - 1; index >= 0; index--)
    value = product(value ^ (coefficients[index] ?? 0), place)
  return value ^ secret
}

/** [Lagrange] The factor of a share in the value at zero. Subtraction is addition in this field. */
const weightOf = (place: number, places: readonly number[]): number =>
  places.reduce((all, other) => (other === place ? all : product(all, product(other, inverse(other ^ place)))), 1)

/** [FIPS 197, 4.2] x^8 + x^4 + x^3 + x + 1 */
const REDUCTION = 0x1b

function product(a: number, b: number): number {
  let result = 0
  let shifted = a
  for (let bit = 0; bit < 8; bit++) {
    result ^= -((b >> bit) & 1) & shifted
    shifted = ((shifted << 1) ^ (-(shifted >> 7) & REDUCTION)) & 0xff
  }
  return result
}

/** a^254, because a^255 is 1. */
function inverse(a: number): number {
  let result = 1
  for (let bit = 7; bit >= 0; bit--) {
    result = product(result, result)
    if ((254 >> bit) & 1) result = product(result, a)
  }
  return result
}
