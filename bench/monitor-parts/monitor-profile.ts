/** Profile of the benchmark: eight features of one tensor, as of a machine with eight sensors. */
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { profileOf } from '@skerry/core/monitors/profile'
import { digestOf } from '@skerry/platform/files/hash'

export const COLUMNS = 8

export const PROFILE_DIGEST = digestOf('bench')

/** The same values each time, between 0 and 1. */
export const rowValues = (rows: number, shift = 0): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: rows * COLUMNS }, (_, at) => ((at * 0.618_033_988_7) % 1) + shift)

const columnOf = (values: Float32Array, column: number) => [...values].filter((_, at) => at % COLUMNS === column)

/** Of 2,000 rows. */
export function benchProfile(): ReferenceProfile {
  const values = rowValues(2_000)
  const features = Array.from({ length: COLUMNS }, (_, column) =>
    profileOf({ feature: `x[${column}]`, side: 'input', tensor: 'x', column }, columnOf(values, column)),
  )
  return { v: 1, model: 'bench', version: 1, origin: 'data-set', rows: 2_000, features, left: 0 }
}
