/**
 * Measure: a statistic of one column of a window, computed afresh each time. Sums that are carried from window to window drift, and depend on where a
 * device was started: these do not, so a recording gives the same digits everywhere.
 */
import type { Measure } from '@skerry/contract/flows/flow-step'
import { assertNever } from '../values/assert-never.ts'
import type { WindowContent } from './signal.ts'

/** NaN where there is nothing to measure. */
export function measure(of: Measure, window: WindowContent, column: number): number {
  if (window.rows === 0) return of === 'count' ? 0 : Number.NaN
  if (typeof of === 'object') return quantile(columnOf(window, column).sort(), of.quantile)
  switch (of) {
    case 'count':
      return window.rows
    case 'sum':
      return sumOf(window, column)
    case 'mean':
      return sumOf(window, column) / window.rows
    case 'std':
      return Math.sqrt(squaresOf(window, column, sumOf(window, column) / window.rows) / window.rows)
    case 'rms':
      return Math.sqrt(squaresOf(window, column, 0) / window.rows)
    case 'min':
      return extreme(window, column, -1)
    case 'max':
      return extreme(window, column, 1)
    case 'range':
      return extreme(window, column, 1) - extreme(window, column, -1)
    case 'median':
      return quantile(columnOf(window, column).sort(), 0.5)
    case 'slope':
      return slope(window, column)
    case 'first':
      return window.values[column] ?? Number.NaN
    case 'last':
      return window.values[(window.rows - 1) * window.columns + column] ?? Number.NaN
    default:
      return assertNever(of)
  }
}

/** One column by itself, in memory of its own. */
export function columnOf({ rows, columns, values }: WindowContent, column: number): Float64Array<ArrayBuffer> {
  const picked = new Float64Array(rows)
  for (let row = 0; row < rows; row++) picked[row] = values[row * columns + column] ?? Number.NaN
  return picked
}

function sumOf({ columns, values }: WindowContent, column: number): number {
  let sum = 0
  for (let at = column; at < values.length; at += columns) sum += values[at] ?? 0
  return sum
}

function squaresOf({ columns, values }: WindowContent, column: number, centre: number): number {
  let sum = 0
  for (let at = column; at < values.length; at += columns) {
    const distance = (values[at] ?? 0) - centre
    sum += distance * distance
  }
  return sum
}

/** The greatest for sign 1, the least for -1. */
function extreme({ columns, values }: WindowContent, column: number, sign: 1 | -1): number {
  let most = Number.NEGATIVE_INFINITY
  for (let at = column; at < values.length; at += columns) most = Math.max(most, (values[at] ?? 0) * sign)
  return most * sign
}

/** Between the two samples beside it, in proportion. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

/** Least squares, per second. 0 where all is of one time. */
function slope({ rows, columns, values, timesMs }: WindowContent, column: number): number {
  // From the first sample on: squares of times since 1970 would leave no digits.
  const startMs = timesMs[0] ?? 0
  let times = 0
  let sums = 0
  let timeSquares = 0
  let products = 0
  for (let row = 0; row < rows; row++) {
    const seconds = ((timesMs[row] ?? 0) - startMs) / 1_000
    const value = values[row * columns + column] ?? Number.NaN
    times += seconds
    sums += value
    timeSquares += seconds * seconds
    products += seconds * value
  }
  const spread = rows * timeSquares - times * times
  return spread === 0 ? 0 : (rows * products - times * sums) / spread
}
