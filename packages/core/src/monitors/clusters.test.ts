/** Clusters: rows near one centre have one cluster, and rows that move to another one, or away from all, are seen. */
import { MonitorSpec } from '@skerry/contract/monitors/monitor'
import { expect, test } from 'vitest'
import { countsOf } from './bins.ts'
import { clustersOf, nearestOf, pickedOf, stepOf } from './clusters.ts'
import { profileOf } from './profile.ts'
import { featureVerdicts } from './verdict.ts'

/** [mulberry32] The same numbers each time. */
function chance(seed: number) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const DIMENSIONS = 64
const CENTRES = [0, 5, 10, 15]

/** Each row lies near one of the centres: as many near each as the shares say. */
function rowsNear(shares: readonly number[], seed: number, shift = 0): Float64Array[] {
  const random = chance(seed)
  return shares.flatMap((count, at) =>
    Array.from({ length: count }, () =>
      Float64Array.from({ length: DIMENSIONS }, () => (CENTRES[at] ?? 0) + random() - 0.5 + shift),
    ),
  )
}

const reference = rowsNear([500, 500, 500, 500], 1)
const centroids = clustersOf(reference) ?? []

test('rows of one centre share their clusters with no row of another centre', () => {
  const clusters = (at: number) =>
    new Set(reference.slice(at * 500, (at + 1) * 500).map((row) => nearestOf(centroids, row).cluster))
  const all = CENTRES.map((_, at) => clusters(at))
  expect(all.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(all.flatMap((one) => [...one])).size)
  expect(clustersOf(reference)).toEqual(centroids)
})

test('equal rows, no row and rows with NaN give no clusters, and a row with NaN has no place', () => {
  expect(clustersOf([])).toBeUndefined()
  expect(clustersOf([new Float64Array(3), new Float64Array(3)])).toBeUndefined()
  expect(clustersOf([new Float64Array([Number.NaN, 1]), new Float64Array([1, 2])])).toBeUndefined()
  expect(nearestOf(centroids, new Float64Array(DIMENSIONS).fill(Number.NaN))).toEqual({
    cluster: Number.NaN,
    distance: Number.NaN,
  })
})

test('a long row is read at even distances, in bounded memory', () => {
  expect([stepOf(33), stepOf(64), stepOf(65), stepOf(1_536)]).toEqual([1, 1, 2, 24])
  expect([...pickedOf([0, 1, 2, 3, 4, 5, 6], 3)]).toEqual([0, 3, 6])
})

const PARTS = ['cluster', 'distance'] as const

function statesOf(rows: readonly Float64Array[]): string[] {
  const valuesOf = (part: (typeof PARTS)[number], all: readonly Float64Array[]) =>
    all.map((row) => nearestOf(centroids, row)[part])
  const features = PARTS.map((part) =>
    profileOf({ feature: part, side: 'input', tensor: part }, valuesOf(part, reference)),
  )
  const window = {
    windows: 1,
    startMs: 0,
    endMs: 1,
    rows: rows.length,
    counted: rows.length,
    features: features.map(({ edges }, at) => countsOf(edges, valuesOf(PARTS[at] ?? 'cluster', rows))),
  }
  const profile = { v: 1 as const, model: 'm', version: 1, origin: 'golden' as const, rows: 2_000, features, left: 0 }
  const verdicts = featureVerdicts(profile, [window], MonitorSpec.parse({ model: 'm' }))
  return PARTS.map((part) => verdicts.find(({ feature }) => feature === part)?.state ?? 'none')
}

test('the same kind of rows is no drift; another mixture, and rows away from all clusters, are', () => {
  expect(statesOf(rowsNear([500, 500, 500, 500], 2))).toEqual(['ok', 'ok'])
  expect(statesOf(rowsNear([950, 50, 500, 500], 3))[0]).toBe('alert')
  // The nearest clusters stay the same.
  expect(statesOf(rowsNear([500, 500, 500, 500], 4, 0.4))[1]).toBe('alert')
})
