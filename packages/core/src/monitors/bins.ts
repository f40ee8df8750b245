/** Bins: counts of values between fixed edges, with moments beside them. Two of the same edges add up without loss. */
import type { Grid } from '@skerry/contract/monitors/grid'
import type { FeatureCounts, Moments } from '@skerry/contract/monitors/profile'

import { addToGrid, mergeIfAny } from './grid/grid.ts'

/** Ten bins of equal shares of the reference, as the population stability index is used. */
const BINS = 10

/**
 * The edges of bins that hold equal shares of the values: at most nine, increasing. Values that repeat give fewer: a
 * category of numbers has an edge at each of its values.
 */
export function edgesOf(values: readonly number[]): number[] {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b)
  const first = sorted[0]
  if (first === undefined || first === sorted.at(-1)) return []
  const cuts = Array.from(
    { length: BINS - 1 },
    (_, at) => sorted[Math.floor(((at + 1) * sorted.length) / BINS)] ?? first,
  )
  // A cut at the least value would leave the bin below it empty for ever.
  return [...new Set(cuts)].filter((cut) => cut > first)
}

/** More are numbers: their order means something, or each is too rare to be compared. */
const CATEGORIES_MAX = 16

/**
 * The edges of bins that hold one category each: around each whole number, so that a value between or outside them is an
 * unseen one. Undefined if the values are no categories: not whole, too many, or all the same.
 */
export function categoryEdgesOf(values: readonly number[]): number[] | undefined {
  const categories = new Set<number>()
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    if (!Number.isSafeInteger(value)) return undefined
    categories.add(value)
    if (categories.size > CATEGORIES_MAX) return undefined
  }
  if (categories.size < 2) return undefined
  const edges = new Set([...categories].flatMap((value) => [value, value + 1]))
  return [...edges].toSorted((a, b) => a - b)
}

/** The bin of a finite value: 0 below the first edge. */
export function binOf(edges: readonly number[], value: number): number {
  let low = 0
  let high = edges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((edges[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low
}

/** Counts of one feature while they grow. */
export type Tally = {
  edges: readonly number[]
  counts: Float64Array
  missing: number
  /** Counts in a grid too. */
  hasGrid: boolean
  grid: Grid | undefined
} & Moments

/** Without any value. */
export const createTally = (edges: readonly number[], hasGrid = false): Tally => ({
  edges,
  counts: new Float64Array(edges.length + 1),
  missing: 0,
  hasGrid,
  grid: undefined,
  n: 0,
  mean: 0,
  squares: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
})

/** [Welford 1962] */
export function addValue(tally: Tally, value: number): void {
  if (!Number.isFinite(value)) {
    tally.missing++
    return
  }
  if (tally.hasGrid) tally.grid = addToGrid(tally.grid, value)
  const bin = binOf(tally.edges, value)
  tally.counts[bin] = (tally.counts[bin] ?? 0) + 1
  tally.n++
  const away = value - tally.mean
  tally.mean += away / tally.n
  tally.squares += away * (value - tally.mean)
  if (value < tally.min) tally.min = value
  if (value > tally.max) tally.max = value
}

/** Numbers so large that their squares overflow have no moments: JSON has no infinities. */
export function countsIn({ counts, missing, grid, n, mean, squares, min, max }: Tally): FeatureCounts {
  const moments = { n, mean, squares, min, max }
  const hasMoments = n > 0 && Object.values(moments).every(Number.isFinite)
  return { counts: [...counts], missing, ...(hasMoments && { moments }), ...(grid && { grid }) }
}

/** The counts of the values. */
export function countsOf(edges: readonly number[], values: Iterable<number>): FeatureCounts {
  const tally = createTally(edges)
  for (const value of values) addValue(tally, value)
  return countsIn(tally)
}

/** The counts of both. They must have the same edges. */
export function mergeCounts(a: FeatureCounts, b: FeatureCounts): FeatureCounts {
  const moments = mergeMoments(a.moments, b.moments)
  const grid = mergeIfAny(a.grid, b.grid)
  return {
    counts: a.counts.map((count, at) => count + (b.counts[at] ?? 0)),
    missing: a.missing + b.missing,
    ...(moments && { moments }),
    ...(grid && { grid }),
  }
}

/** The counts of all features of both, in the same order. */
export const mergeFeatures = (a: readonly FeatureCounts[], b: readonly FeatureCounts[]): FeatureCounts[] =>
  a.map((counts, at) => {
    const others = b[at]
    return others ? mergeCounts(counts, others) : counts
  })

/** [Chan, Golub, LeVeque 1979] */
function mergeMoments(a: Moments | undefined, b: Moments | undefined): Moments | undefined {
  if (!a || !b) return a ?? b
  const n = a.n + b.n
  const away = b.mean - a.mean
  return {
    n,
    mean: a.mean + (away * b.n) / n,
    squares: a.squares + b.squares + (away * away * a.n * b.n) / n,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  }
}

/** The standard deviation; 0 for one value. */
export const deviationOf = ({ squares, n }: Moments): number => Math.sqrt(squares / n)
