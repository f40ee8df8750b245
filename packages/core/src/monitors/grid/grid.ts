/**
 * Grid: counts of values in bins of one width, which needs no reference. The width is the least power of two with which all
 * values lie in at most 64 bins. A grid of values in any order, and the merge of grids of their parts, are the same.
 */
import { GRID_BINS_MAX, GRID_POWER_MIN, type Grid } from '@skerry/contract/monitors/grid'

/** Equipment has no such numbers. Larger ones count as the limit, and smaller ones as 0: their halves are not exact. */
const VALUE_MAX = 2 ** 100
const VALUE_MIN = 2 ** -100

/** With one finite value. */
const gridOfOne = (value: number): Grid => ({
  power: GRID_POWER_MIN,
  first: Math.floor(value * 2 ** -GRID_POWER_MIN),
  counts: [1],
  isWhole: Number.isInteger(value),
})

/** The grid with one more finite value. It changes the given one. */
export function addToGrid(grid: Grid | undefined, given: number): Grid {
  const value = Math.abs(given) < VALUE_MIN ? 0 : Math.max(-VALUE_MAX, Math.min(VALUE_MAX, given))
  if (!grid) return gridOfOne(value)
  const at = Math.floor(value * 2 ** -grid.power) - grid.first
  if (at >= 0 && at < grid.counts.length) {
    grid.counts[at] = (grid.counts[at] ?? 0) + 1
    grid.isWhole &&= Number.isInteger(value)
    return grid
  }
  return mergeGrids(grid, gridOfOne(value))
}

/** The grid of the values of both. */
export function mergeGrids(a: Grid, b: Grid): Grid {
  let [left, right] = [coarsened(a, b.power), coarsened(b, a.power)]
  while (spanOf(left, right) > GRID_BINS_MAX) [left, right] = [halved(left), halved(right)]
  const first = Math.min(left.first, right.first)
  const counts = new Array<number>(spanOf(left, right)).fill(0)
  for (const grid of [left, right])
    for (const [at, count] of grid.counts.entries()) {
      const place = grid.first - first + at
      counts[place] = (counts[place] ?? 0) + count
    }
  return { power: left.power, first, counts, isWhole: a.isWhole && b.isWhole }
}

/** Of two grids, of which one or both may be absent. */
export const mergeIfAny = (a: Grid | undefined, b: Grid | undefined): Grid | undefined =>
  a && b ? mergeGrids(a, b) : (a ?? b)

const endOf = ({ first, counts }: Grid) => first + counts.length

const spanOf = (a: Grid, b: Grid) => Math.max(endOf(a), endOf(b)) - Math.min(a.first, b.first)

function coarsened(grid: Grid, power: number): Grid {
  let coarse = grid
  while (coarse.power < power) coarse = halved(coarse)
  return coarse
}

/** Bins of twice the width: the division of a number by two is exact. */
function halved({ power, first, counts, isWhole }: Grid): Grid {
  const start = Math.floor(first / 2)
  const merged = new Array<number>(Math.floor((first + counts.length - 1) / 2) - start + 1).fill(0)
  for (const [at, count] of counts.entries()) {
    const place = Math.floor((first + at) / 2) - start
    merged[place] = (merged[place] ?? 0) + count
  }
  return { power: power + 1, first: start, counts: merged, isWhole }
}
