/**
 * Difference words: a wrong output of a golden case, in the same words by the hub, a device and the CLI. They have the
 * place in the tensor, rounded numbers, and how many values and cases differ.
 */
import type { Tolerance } from '@skerry/contract/devices/golden'
import type { Datatype } from '@skerry/contract/models/tensor'
import { shortFloat } from '../../tensors/tensor-elements.ts'

export type ValueDifference = {
  output: string
  /** The place of the value that is furthest out, by dimension. */
  index: readonly number[]
  expected: number | string
  actual: number | string
  /** Of the values out of tolerance; absent if they are no numbers. */
  largestDifference?: number | undefined
  differing: number
  count: number
}

/** `output y[0, 1] is 1.5, expected 1 (largest difference 0.5, allowed 0.1 + 0 × |expected|; 2 of 3 values differ)`. */
export function valueDifferenceText(difference: ValueDifference, { absolute, relative }: Tolerance): string {
  const { output, index, expected, actual, largestDifference, differing, count } = difference
  const largest =
    largestDifference === undefined
      ? ''
      : `largest difference ${Number(largestDifference.toPrecision(6))}, allowed ${absolute} + ${relative} × |expected|; `
  return `output ${output}${placeText(index)} is ${actual}, expected ${expected} (${largest}${differing} of ${count} values differ)`
}

type Case = { case: number; cases: number; casesDiffering?: number | undefined }

/** `golden case 2 of 16 (3 of 16 cases differ)`. The number of a case starts at 1. */
export function caseText({ case: place, cases, casesDiffering }: Case): string {
  const differing = cases > 1 && casesDiffering !== undefined ? ` (${casesDiffering} of ${cases} cases differ)` : ''
  return `golden case ${place} of ${cases}${differing}`
}

/** Row-major: the last dimension varies fastest. */
export function placeOf(index: number, shape: readonly number[]): number[] {
  const place: number[] = []
  let rest = index
  for (const size of shape.toReversed()) {
    place.unshift(size === 0 ? 0 : rest % size)
    rest = size === 0 ? 0 : Math.floor(rest / size)
  }
  return place
}

/** `[0, 1]`; empty for a single value, which has no dimensions. */
export const placeText = (place: readonly number[]): string => (place.length > 0 ? `[${place.join(', ')}]` : '')

/** As many digits as the type holds. A number of 64 bits is text, because JSON cannot hold it. */
export function shownValue(value: number | bigint, datatype: Datatype): number | string {
  if (typeof value === 'bigint' || !Number.isFinite(value)) return String(value)
  return datatype === 'FP64' ? value : shortFloat(value)
}

/** A difference is visible within a line, or the text is no label. */
const TEXT_SHOWN = 80

/** The first text that differs, with its place; undefined if all are equal. Both have the same number of texts. */
export function textDifference(
  expected: readonly unknown[],
  actual: readonly unknown[],
  shape: readonly number[],
): Omit<ValueDifference, 'output'> | undefined {
  const wrong = expected.flatMap((text, at) => (text === actual[at] ? [] : [at]))
  const [first] = wrong
  if (first === undefined) return undefined
  const shown = (texts: readonly unknown[]) => JSON.stringify(String(texts[first]).slice(0, TEXT_SHOWN))
  return {
    index: placeOf(first, shape),
    expected: shown(expected),
    actual: shown(actual),
    differing: wrong.length,
    count: expected.length,
  }
}
