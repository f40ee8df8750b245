/** Grid bins: the bins of a reference, made from the grid of the values that devices counted. */
import { GRID_POWER_MIN, type Grid } from '@skerry/contract/monitors/grid'
import type { FeatureCounts } from '@skerry/contract/monitors/profile'
import { binOf } from '../bins.ts'

/** The least value of a bin. */
const startAt = ({ power, first }: Grid, at: number) => (first + at) * 2 ** power

const filledOf = ({ counts }: Grid) => [...counts.entries()].filter(([, count]) => count > 0)

const SHARES = 10
const CATEGORIES_MAX = 16

/** The share of a constant by which another value differs from it, beyond what rounding to 32 bits does. */
const CONSTANT_SHARE = 1e-6

type Binning = { edges: number[]; form?: 'category' }

/**
 * Edges for later counts, at the ends of bins: for few whole numbers or texts one bin each, for other values bins of about equal
 * shares. A constant has a bin of its own.
 */
export function binningOf({ grid, moments }: Pick<FeatureCounts, 'grid' | 'moments'>): Binning {
  if (!grid || !moments) return { edges: [] }
  if (moments.min === moments.max) return { edges: aroundConstant(moments.min) }
  const filled = filledOf(grid)
  if (grid.isWhole && filled.length <= CATEGORIES_MAX) return { edges: categoryEdges(grid, filled), form: 'category' }
  return { edges: shareEdges(grid, filled) }
}

/** A bin for each whole number, or for each bin of the hashes of texts. */
function categoryEdges(grid: Grid, filled: readonly [number, number][]): number[] {
  const width = Math.max(1, 2 ** grid.power)
  const edges = new Set(filled.flatMap(([at]) => [startAt(grid, at), startAt(grid, at) + width]))
  return [...edges].toSorted((a, b) => a - b)
}

function aroundConstant(value: number): number[] {
  const away = Math.max(Math.abs(value) * CONSTANT_SHARE, 2 ** GRID_POWER_MIN)
  return [value - away, value + away]
}

/** An edge at the start of the first bin would leave the bin below it empty. */
function shareEdges(grid: Grid, filled: readonly [number, number][]): number[] {
  const sum = filled.reduce((total, [, count]) => total + count, 0)
  const edges: number[] = []
  let below = 0
  for (const [at, count] of filled) {
    const isDue = below >= ((edges.length + 1) * sum) / SHARES
    if (below > 0 && isDue && edges.length < SHARES - 1) edges.push(startAt(grid, at))
    below += count
  }
  return edges
}

/** The counts between edges that lie at ends of bins of this grid, or of a coarser one. */
export function countsAt(edges: readonly number[], { grid, missing, moments }: FeatureCounts): FeatureCounts {
  const counts = new Array<number>(edges.length + 1).fill(0)
  if (!grid) return { counts, missing, ...(moments && { moments }) }
  for (const [at, count] of grid.counts.entries()) {
    // The least value lies in the first bin, and may be above its start.
    const value = at === 0 ? (moments?.min ?? startAt(grid, at)) : startAt(grid, at)
    const bin = binOf(edges, value)
    counts[bin] = (counts[bin] ?? 0) + count
  }
  return { counts, missing, ...(moments && { moments }) }
}
