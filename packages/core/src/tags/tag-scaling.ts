/** Tag scaling: from the number that equipment gives to the value that people mean, and back. */
import type { Range, TagCause } from '@skerry/contract/sources/tag'

export type Scaling = {
  mask?: number | undefined
  shift?: number | undefined
  scale: number
  offset: number
  clamp?: Range | undefined
  expect?: Range | undefined
}

/** What became of a number; without a cause it is good. */
export type Scaled =
  | { quality: 'good'; value: number }
  | { quality: 'uncertain'; value: number; cause: TagCause }
  | { quality: 'bad'; cause: TagCause }

/** Mask, shift, scale, offset, clamp; then what a sound sensor can say. */
export function scaled(raw: number, { mask, shift, scale, offset, clamp, expect }: Scaling): Scaled {
  const bits = mask === undefined ? raw : (raw & mask) >>> 0
  const shifted = shift === undefined ? bits : bits >>> shift
  const value = shifted * scale + offset
  if (!Number.isFinite(value)) return bad('value_not_finite', `the equipment returned ${String(value)}`)
  if (expect && !isWithin(value, expect)) {
    return bad('value_unexpected', `${value} is outside the expected range (${rangeText(expect)})`)
  }
  if (!clamp || isWithin(value, clamp)) return { quality: 'good', value }
  const clamped = Math.min(
    clamp.max ?? Number.POSITIVE_INFINITY,
    Math.max(clamp.min ?? Number.NEGATIVE_INFINITY, value),
  )
  return { quality: 'uncertain', value: clamped, cause: { code: 'value_clamped', message: `it was ${value}` } }
}

/**
 * The number to write for a value: the way back. `held` is what the equipment has now, whose bits outside the mask stay. `isInteger` rounds: 21.5 over
 * a scale of 0.1 is 215, whatever binary fractions make of it.
 */
export function unscaled(
  value: number,
  { mask, shift, scale, offset }: Scaling,
  { isInteger, held }: { isInteger: boolean; held: number },
): number | undefined {
  const exact = (value - offset) / scale
  // Plus 0, since -0 is 0 to equipment.
  const number = isInteger ? Math.round(exact) + 0 : exact
  if (mask === undefined && shift === undefined) return number
  const shifted = number * 2 ** (shift ?? 0)
  const allowed = mask ?? 0xffff_ffff
  // What the mask would cut off would be another value.
  if (!Number.isInteger(shifted) || shifted < 0 || shifted > 0xffff_ffff || (shifted & ~allowed) !== 0) return undefined
  return ((held & ~allowed) | shifted) >>> 0
}

export const isWithin = (value: number, { min, max }: Range): boolean =>
  (min === undefined || value >= min) && (max === undefined || value <= max)

/** `0 to 100`, `at least 0`, `at most 100`. */
export function rangeText({ min, max }: Range): string {
  if (min === undefined) return `at most ${max}`
  return max === undefined ? `at least ${min}` : `${min} to ${max}`
}

const bad = (code: string, message: string): Scaled => ({ quality: 'bad', cause: { code, message } })
