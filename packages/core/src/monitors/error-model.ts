/**
 * Error model: a second model, which predicts the absolute error of a regression from the bins of its features [NannyML,
 * direct loss estimation]. It is a sum of one weight for each bin. So the expected error of many rows follows from the
 * counts of their features, and devices need not count anything else. It sees no effect that only two features have
 * together.
 */
import type { ErrorEstimate, MonitorSpec } from '@skerry/contract/monitors/monitor'
import type { ErrorModel, FeatureCounts, ReferenceProfile } from '@skerry/contract/monitors/profile'
import { binOf } from './bins.ts'
import { type CountedWindow, mergedAt } from './verdict.ts'

/** One labelled row: the bins with values of it, the share of its values in each, and the error of its answer. */
export type ErrorRow = { places: readonly number[]; shares: readonly number[]; error: number }

/** As many rows without an error beyond the mean: a bin with few rows keeps a small weight [ridge regression]. */
const RIDGE = 5

/** Weights of neighbouring bins settle within ten rounds. */
const ROUNDS = 20

/** More rows change no weight, and take seconds. */
const ROWS_MAX = 20_000

/** Each so many rows judge the model, and are not used for it. */
const HELD_OUT = 4

/** Below it, the errors have nothing to do with single features. */
const SKILL_MIN = 0.05

/** The first place of each feature among all bins. Each feature has one more for missing values. */
export function placesOf(features: readonly Pick<ReferenceProfile['features'][number], 'edges'>[]): number[] {
  let next = 0
  return features.map(({ edges }) => {
    const first = next
    next += edges.length + 2
    return first
  })
}

/** The bin of a value within its feature; the last one is for missing values. */
export const placeIn = (edges: readonly number[], value: number): number =>
  Number.isFinite(value) ? binOf(edges, value) : edges.length + 1

type Features = Pick<ReferenceProfile['features'][number], 'edges'>[]

/** Without weights if the features do not predict the errors. */
export function errorModelOf(all: readonly ErrorRow[], features: Features, output: string | undefined): ErrorModel {
  const rows = sampled(all)
  const sizes = features.map(({ edges }) => edges.length + 2)
  const size = sizes.reduce((sum, one) => sum + one, 0)
  const skill = skillOf(rows, size)
  const { base, weights } = fit(rows, size)
  const firsts = placesOf(features)
  const parts = firsts.map((first, at) => [...weights.subarray(first, first + (sizes[at] ?? 0))].map(rounded))
  return {
    ...(output !== undefined && { output }),
    rows: all.length,
    mae: meanOf(all),
    skill: Math.max(0, rounded(skill)),
    base: rounded(base),
    weights: skill < SKILL_MIN ? [] : parts,
  }
}

function sampled(rows: readonly ErrorRow[]): readonly ErrorRow[] {
  const every = Math.ceil(rows.length / ROWS_MAX)
  return every <= 1 ? rows : rows.filter((_, at) => at % every === 0)
}

const rounded = (value: number) => Number(value.toPrecision(6))

const meanOf = (rows: readonly ErrorRow[]) => rows.reduce((sum, { error }) => sum + error, 0) / Math.max(1, rows.length)

/** The share of the spread of errors that it explains in rows that it was not fitted to. */
function skillOf(rows: readonly ErrorRow[], size: number): number {
  const seen = rows.filter((_, at) => at % HELD_OUT !== 0)
  const held = rows.filter((_, at) => at % HELD_OUT === 0)
  const { base, weights } = fit(seen, size)
  let [left, spread] = [0, 0]
  for (const { places, shares, error } of held) {
    const guess = places.reduce((sum, place, at) => sum + (weights[place] ?? 0) * (shares[at] ?? 0), base)
    left += (error - guess) ** 2
    spread += (error - base) ** 2
  }
  return spread > 0 ? 1 - left / spread : 0
}

type Column = { rows: number[]; shares: number[] }

/** Ridge regression by coordinate descent: each weight in turn takes up the errors that the others leave. */
function fit(rows: readonly ErrorRow[], size: number): { base: number; weights: Float64Array } {
  const base = meanOf(rows)
  const left = Float64Array.from(rows, ({ error }) => error - base)
  const columns = columnsOf(rows, size)
  const weights = new Float64Array(size)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [place, column] of columns.entries()) {
      const before = weights[place] ?? 0
      const next = weightOf(column, left, before)
      for (const [at, row] of column.rows.entries())
        left[row] = (left[row] ?? 0) - (column.shares[at] ?? 0) * (next - before)
      weights[place] = next
    }
  }
  return { base, weights }
}

function weightOf({ rows, shares }: Column, left: Float64Array, before: number): number {
  let [top, bottom] = [0, RIDGE]
  for (const [at, row] of rows.entries()) {
    const share = shares[at] ?? 0
    top += share * ((left[row] ?? 0) + share * before)
    bottom += share * share
  }
  return top / bottom
}

function columnsOf(rows: readonly ErrorRow[], size: number): Column[] {
  const columns = Array.from({ length: size }, (): Column => ({ rows: [], shares: [] }))
  for (const [row, { places, shares }] of rows.entries()) {
    for (const [at, place] of places.entries()) {
      columns[place]?.rows.push(row)
      columns[place]?.shares.push(shares[at] ?? 0)
    }
  }
  return columns
}

/** The mean error that these counts let expect; undefined without weights. */
function expectedError({ base, weights }: ErrorModel, counts: readonly FeatureCounts[]): number | undefined {
  if (weights.length === 0) return undefined
  const parts = weights.map((of, at) => partOf(of, counts[at]))
  return Math.max(
    0,
    parts.reduce((sum, part) => sum + part, base),
  )
}

function partOf(weights: readonly number[], given: FeatureCounts | undefined): number {
  if (!given) return 0
  const all = [...given.counts, given.missing]
  const sum = all.reduce((total, count) => total + count, 0)
  if (sum === 0) return 0
  return all.reduce((total, count, bin) => total + (weights[bin] ?? 0) * (count / sum), 0)
}

/** The expected error of all windows together; undefined without a model of errors, or rows. */
export function estimateError(
  profile: ReferenceProfile,
  windows: readonly CountedWindow[],
): { rows: number; mae: number } | undefined {
  const rows = windows.reduce((sum, { counted }) => sum + counted, 0)
  if (!profile.errors || rows === 0) return undefined
  const counts = profile.features.map((reference, at) => mergedAt(reference, windows, at))
  const mae = expectedError(profile.errors, counts)
  return mae === undefined ? undefined : { rows, mae }
}

/** The expected error, and whether it lies too far above that of the labelled rows. */
export function judgeErrors(
  profile: ReferenceProfile,
  windows: readonly CountedWindow[],
  { error: limits, rowsMin }: Pick<MonitorSpec, 'error' | 'rowsMin'>,
): ErrorEstimate | undefined {
  const estimated = estimateError(profile, windows)
  const reference = profile.errors?.mae
  if (!estimated || reference === undefined) return undefined
  const rise = reference > 0 ? (estimated.mae - reference) / reference : 0
  const level = rise > limits.alert ? 'alert' : rise > limits.warn ? 'warn' : 'ok'
  return { ...estimated, reference, state: estimated.rows < rowsMin ? 'waiting' : level }
}
