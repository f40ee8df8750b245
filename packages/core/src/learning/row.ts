/** Row: the numbers of the learned tags at one moment, from the newest values of their source. */
import type { TagValue } from '@skerry/contract/sources/tag'

/** A slow group reads every few seconds, and its last value still counts. */
const AGE_MIN_MS = 10_000

/** Values that are older are missing, for learning and in the alarm flow alike. */
export const rowAgeMaxMs = (everyMs: number): number => Math.max(AGE_MIN_MS, 3 * everyMs)

/** A tag without a good number of this time is NaN. */
export function rowOf(
  tags: readonly string[],
  values: readonly TagValue[],
  { nowMs, everyMs }: { nowMs: number; everyMs: number },
): number[] {
  const byTag = new Map(values.map((value) => [value.tag, value]))
  return tags.map((tag) => {
    const value = byTag.get(tag)
    if (value?.quality !== 'good' || nowMs - value.receivedTimeMs > rowAgeMaxMs(everyMs)) return Number.NaN
    return numberOf(value.value)
  })
}

function numberOf(value: Extract<TagValue, { quality: 'good' }>['value']): number {
  // A detector computes in FP32, in which a larger number is infinite.
  if (typeof value === 'number') return Number.isFinite(Math.fround(value)) ? value : Number.NaN
  if (typeof value === 'boolean') return value ? 1 : 0
  return Number.NaN
}

/** The next multiple of the step, so that the rows of all devices have the same moments as the steps of a flow. */
export const nextRowMs = (nowMs: number, everyMs: number): number => (Math.floor(nowMs / everyMs) + 1) * everyMs
