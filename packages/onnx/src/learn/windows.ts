/**
 * Windows of rows, and the features of a window: for each tag its last value, its mean, and the logarithm of its spread.
 * The last value shows a spike, the mean a drift, and the spread a sensor that is stuck.
 */
import { deviationOf, medianOf, spreadOf } from './numbers.ts'

/** Rows of a recording, one after the other. A missing value is NaN. */
export type TagRows = { tags: readonly string[]; values: Float64Array; rows: number }

export const FEATURES_OF_TAG = 3

/** The numbers by which a model turns a window into features. */
export type Scaling = {
  samples: number
  tags: number
  /** Of each tag. */
  center: Float64Array
  scale: Float64Array
  /** Added to the variance of a window, so that the logarithm of a stuck sensor is a number. */
  floor: Float64Array
  /** Of each feature. */
  featureCenter: Float64Array
  featureScale: Float64Array
}

/** A stuck sensor has at most this share of its usual spread. */
const FLOOR_SHARE = 0.05

const LEAST = 1e-6

export const sliceRows = ({ tags, values }: TagRows, from: number, to: number): TagRows => ({
  tags,
  values: values.subarray(from * tags.length, to * tags.length),
  rows: to - from,
})

/** A row of missing values, which no window spans. */
export const gapOf = (tags: readonly string[]): TagRows => ({
  tags,
  values: new Float64Array(tags.length).fill(Number.NaN),
  rows: 1,
})

/** One after the other. */
export function joinRows(parts: readonly TagRows[]): TagRows {
  const tags = parts[0]?.tags ?? []
  const values = new Float64Array(parts.reduce((sum, part) => sum + part.values.length, 0))
  let at = 0
  for (const part of parts) {
    values.set(part.values, at)
    at += part.values.length
  }
  return { tags, values, rows: values.length / Math.max(1, tags.length) }
}

/** The columns of these tags, in their order. */
export function pickTags({ tags, values, rows }: TagRows, wanted: readonly string[]): TagRows {
  const columns = wanted.map((tag) => tags.indexOf(tag))
  if (columns.includes(-1)) throw new Error('the rows lack a wanted tag')
  const picked = new Float64Array(rows * columns.length)
  for (let row = 0; row < rows; row += 1)
    for (const [to, from] of columns.entries())
      picked[row * columns.length + to] = values[row * tags.length + from] ?? Number.NaN
  return { tags: wanted, values: picked, rows }
}

export const columnOf = ({ tags, values, rows }: TagRows, tag: number): Float64Array =>
  Float64Array.from({ length: rows }, (_, row) => values[row * tags.length + tag] ?? Number.NaN)

/** The windows of consecutive rows without a missing value, by the number of their last row. */
export function windowEnds({ tags, values, rows }: TagRows, samples: number): number[] {
  const ends: number[] = []
  let whole = 0
  for (let row = 0; row < rows; row += 1) {
    const line = values.subarray(row * tags.length, (row + 1) * tags.length)
    whole = line.every(Number.isFinite) ? whole + 1 : 0
    if (whole >= samples) ends.push(row)
  }
  return ends
}

/** Numbers of windows in memory at once: 32 MB. */
const NUMBERS_MAX = 8_000_000

/** Learning takes so many windows of a machine at most. */
export const WINDOWS_MAX = 20_000

/** Some of the windows, evenly over time, if there are more than learning needs. */
export function someEnds(rows: TagRows, samples: number, most = WINDOWS_MAX): number[] {
  const ends = windowEnds(rows, samples)
  const kept = Math.max(1, Math.min(most, Math.floor(NUMBERS_MAX / (samples * rows.tags.length))))
  const stride = Math.ceil(ends.length / kept)
  return stride <= 1 ? ends : ends.filter((_, at) => at % stride === 0)
}

/** The values of the windows, one after the other, as a model reads them. */
export function windowValues({ tags, values }: TagRows, samples: number, ends: readonly number[]): Float32Array {
  const width = samples * tags.length
  const windows = new Float32Array(ends.length * width)
  for (const [at, end] of ends.entries()) {
    const first = (end - samples + 1) * tags.length
    windows.set(values.subarray(first, first + width), at * width)
  }
  return windows
}

/** The spreads by which values are divided: of each tag, and of each feature. */
export type Units = Pick<Scaling, 'scale' | 'featureScale'>

/** Learns the scaling from rows. With units, only its levels. */
export function scalingOf(rows: TagRows, samples: number, units?: Units): Scaling {
  const tags = rows.tags.length
  const columns = rows.tags.map((_, tag) => columnOf(rows, tag).filter(Number.isFinite))
  const center = Float64Array.from(columns, medianOf)
  const scale = units?.scale ?? Float64Array.from(columns, (column) => scaleOf(column))
  const bare: Scaling = {
    samples,
    tags,
    center,
    scale,
    floor: new Float64Array(tags).fill(LEAST),
    featureCenter: new Float64Array(tags * FEATURES_OF_TAG),
    featureScale: new Float64Array(tags * FEATURES_OF_TAG).fill(1),
  }
  const ends = someEnds(rows, samples)
  const first = featuresOf(bare, windowValues(rows, samples, ends))
  const usual = Float64Array.from({ length: tags }, (_, tag) =>
    Math.exp(medianOf(featureColumn(first, tags * FEATURES_OF_TAG, 2 * tags + tag))),
  )
  const floored = { ...bare, floor: usual.map((spread) => Math.max(LEAST, (spread * FLOOR_SHARE) ** 2)) }
  const features = featuresOf(floored, windowValues(rows, samples, ends))
  const columnsOfFeatures = Array.from({ length: tags * FEATURES_OF_TAG }, (_, feature) =>
    featureColumn(features, tags * FEATURES_OF_TAG, feature),
  )
  return {
    ...floored,
    featureCenter: Float64Array.from(columnsOfFeatures, medianOf),
    featureScale:
      units?.featureScale ?? Float64Array.from(columnsOfFeatures, (column) => Math.max(scaleOf(column), FEATURE_LEAST)),
  }
}

/** In units of the spread of the tag. Quieter features would turn rounding into alarms. */
const FEATURE_LEAST = 0.01

/** The robust spread. The plain one of a tag that is at rest most of the time. */
function scaleOf(column: ArrayLike<number>): number {
  const robust = spreadOf(column)
  const plain = deviationOf(column)
  return Math.max(robust > 0.1 * plain ? robust : plain, LEAST)
}

const featureColumn = (features: Float64Array, width: number, feature: number) =>
  Float64Array.from({ length: features.length / width }, (_, row) => features[row * width + feature] ?? 0)

/** Rows of features: the last values of all tags, then the means, then the spreads. */
export function featuresOf(scaling: Scaling, windows: Float32Array): Float64Array {
  const { samples, tags, featureCenter, featureScale } = scaling
  const width = samples * tags
  const count = windows.length / width
  const features = new Float64Array(count * tags * FEATURES_OF_TAG)
  for (let window = 0; window < count; window += 1)
    for (let tag = 0; tag < tags; tag += 1) {
      const raw = tagFeatures(scaling, windows.subarray(window * width, (window + 1) * width), tag)
      for (const [kind, value] of raw.entries()) {
        const feature = kind * tags + tag
        features[window * tags * FEATURES_OF_TAG + feature] =
          (value - (featureCenter[feature] ?? 0)) / (featureScale[feature] ?? 1)
      }
    }
  return features
}

function tagFeatures({ samples, tags, center, scale, floor }: Scaling, window: Float32Array, tag: number): number[] {
  const values = Float64Array.from(
    { length: samples },
    (_, sample) => ((window[sample * tags + tag] ?? 0) - (center[tag] ?? 0)) / (scale[tag] ?? 1),
  )
  const deviation = deviationOf(values)
  let sum = 0
  for (const value of values) sum += value
  return [values.at(-1) ?? 0, sum / samples, 0.5 * Math.log(deviation ** 2 + (floor[tag] ?? LEAST))]
}
