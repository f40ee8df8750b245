import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { ReferenceProfile } from '@skerry/contract/monitors/profile'
import { expect, test } from 'vitest'
import { countsOf } from './bins.ts'
import { type ErrorRow, errorModelOf, judgeErrors, placeIn, placesOf } from './error-model.ts'
import { profileOf } from './profile.ts'

/** Even over 0 to 1, and without order. */
const even = (at: number, seed: number) => (((Math.sin(at * 12.9898 + seed * 78.233) * 43_758.5453) % 1) + 1) % 1

/** `power` above 1 moves the rows down, below 1 up. */
const rowsOf = (rows: number, power: number) =>
  Array.from({ length: rows }, (_, at) => [even(at, 1) ** power, even(at, 2)] as const)

/** The model is good for low values of x, and bad for high ones; y has no part in it. */
const errorOf = ([x]: readonly [number, number], at: number) => (0.1 + x * x) * 2 * even(at, 3)

function referenceOf(errorAt: (row: readonly [number, number], at: number) => number): ReferenceProfile {
  const rows = rowsOf(4_000, 1)
  const features = (['x', 'y'] as const).map((feature, column) =>
    profileOf(
      { feature, side: 'input', tensor: feature },
      rows.map((row) => row[column] ?? 0),
    ),
  )
  const firsts = placesOf(features)
  const labelled = rows.map((row, at): ErrorRow => {
    const places = features.map(({ edges }, column) => (firsts[column] ?? 0) + placeIn(edges, row[column] ?? 0))
    return { places, shares: [1, 1], error: errorAt(row, at) }
  })
  const errors = errorModelOf(labelled, features, undefined)
  return { v: 1, model: 'm', version: 1, origin: 'data-set', rows: rows.length, features, left: 0, errors }
}

const spec = MonitorSpec.parse({ model: 'm' })

function windowOf(profile: ReferenceProfile, rows: readonly (readonly [number, number])[]) {
  const features = profile.features.map(({ edges }, at) =>
    countsOf(
      edges,
      rows.map((row) => row[at] ?? 0),
    ),
  )
  return { windows: 1, startMs: 0, endMs: 1, rows: rows.length, counted: rows.length, features }
}

test.each([
  [0.2, 'alert'],
  [0.5, 'warn'],
  [1, 'ok'],
  [2, 'ok'],
])('when inputs move, x to the power of %f, the estimate follows the true error: %s', (power, state) => {
  const profile = referenceOf(errorOf)
  expect(profile.errors?.skill).toBeGreaterThan(0.2)
  const rows = rowsOf(3_000, power)
  const truth = rows.reduce((sum, row, at) => sum + errorOf(row, at), 0) / rows.length
  const judged = judgeErrors(profile, [windowOf(profile, rows)], spec)
  expect(Math.abs((judged?.mae ?? 0) - truth)).toBeLessThan(0.05 * truth)
  expect(judged).toMatchObject({ state, rows: 3_000, reference: profile.errors?.mae })
})

test('errors that no feature predicts are not estimated, and too few rows give no verdict', () => {
  const idle = referenceOf((_, at) => even(at, 5))
  expect(idle.errors).toMatchObject({ weights: [], rows: 4_000 })
  expect(judgeErrors(idle, [windowOf(idle, rowsOf(600, 0.5))], spec)).toBeUndefined()
  const profile = referenceOf(errorOf)
  expect(judgeErrors(profile, [windowOf(profile, rowsOf(100, 0.2))], spec)?.state).toBe('waiting')
  expect(judgeErrors(profile, [], spec)).toBeUndefined()
})

test('missing values have a weight of their own', () => {
  const profile = referenceOf(([x], at) => (Number.isNaN(x) ? 3 : 0.1 + 0.1 * even(at, 4)))
  const gone = rowsOf(600, 1).map(([, y]) => [Number.NaN, y] as const)
  // No row of the reference is missing, so nothing is known of it.
  expect(judgeErrors(profile, [windowOf(profile, gone)], spec)).toBeUndefined()
})
