/**
 * Robust principal components: the Mahalanobis distance of features, learned from the most usual rows. Rows with the
 * largest distances are left out and the rest is learned again [Rousseeuw 1999, concentration steps].
 */
import { CholeskyDecomposition, EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix'
import { meanOf, quantileOf } from './numbers.ts'
import { FEATURES_OF_TAG } from './windows.ts'

export type Pca = {
  width: number
  mean: Float64Array
  /** The length of a centred row times this matrix is its distance. Row by row. */
  whitening: Float64Array
  /** The squares of a centred row times this matrix, summed over the features of a tag, are the part of the tag. */
  contributions: Float64Array
}

/** A tenth of the rows may be unusual: people do not record a machine that is broken for longer, and are told so. */
const KEPT = 0.9

const STEPS = 4

/** Directions with less variance than this share of the mean one are noise of rounding. */
const VARIANCE_LEAST = 1e-3

/** The mean and the covariance of the most usual rows. */
export type UsualRows = { width: number; rows: number; mean: Float64Array; covariance: Matrix }

/** `features`: rows of the width. */
export const fitPca = (features: Float64Array, width: number): Pca => pcaOf(usualRowsOf(features, width))

/** `features`: rows of the width. */
export function usualRowsOf(features: Float64Array, width: number): UsualRows {
  let usual = learn(rowsOf(features, width), width)
  for (let step = 0; step < STEPS; step += 1) {
    const distances = distancesOf(pcaOf(usual), features)
    const limit = quantileOf(distances, KEPT)
    usual = learn(
      rowsOf(features, width).filter((_, row) => (distances[row] ?? 0) <= limit),
      width,
    )
  }
  return usual
}

const rowsOf = (features: Float64Array, width: number): Float64Array[] =>
  Array.from({ length: features.length / width }, (_, row) => features.subarray(row * width, (row + 1) * width))

function learn(rows: readonly Float64Array[], width: number): UsualRows {
  const mean = Float64Array.from({ length: width }, (_, at) => meanOf(rows.map((row) => row[at] ?? 0)))
  return { width, rows: rows.length, mean, covariance: covarianceOf(rows, mean) }
}

/** The detector of rows with this mean and covariance. */
export function pcaOf({ width, mean, covariance }: Pick<UsualRows, 'width' | 'mean' | 'covariance'>): Pca {
  const { eigenvectorMatrix: vectors, realEigenvalues } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  })
  const least = Math.max(1e-9, (VARIANCE_LEAST * covariance.trace()) / width)
  const inverted = realEigenvalues.map((variance) => 1 / Math.max(variance, least) / width)
  const whitening = vectors.clone().mulRowVector(inverted.map(Math.sqrt))
  const precision = whitening.mmul(whitening.transpose())
  return {
    width,
    mean,
    whitening: Float64Array.from(whitening.to1DArray()),
    contributions: contributionsOf(precision, width),
  }
}

function covarianceOf(rows: readonly Float64Array[], mean: Float64Array): Matrix {
  const covariance = Matrix.zeros(mean.length, mean.length)
  for (const row of rows)
    for (const [a, middle] of mean.entries()) {
      const offset = ((row[a] ?? 0) - middle) / rows.length
      for (let b = 0; b <= a; b += 1)
        covariance.set(a, b, covariance.get(a, b) + offset * ((row[b] ?? 0) - (mean[b] ?? 0)))
    }
  for (let a = 0; a < mean.length; a += 1) for (let b = 0; b < a; b += 1) covariance.set(b, a, covariance.get(a, b))
  return covariance
}

/**
 * How much the squared distance falls if the features of one tag take the values that the other tags let expect
 * [Alcala and Qin 2009, reconstruction-based contributions].
 */
function contributionsOf(precision: Matrix, width: number): Float64Array {
  const tags = width / FEATURES_OF_TAG
  const contributions = Matrix.zeros(width, width)
  for (let tag = 0; tag < tags; tag += 1) {
    const own = Array.from({ length: FEATURES_OF_TAG }, (_, kind) => kind * tags + tag)
    const block = inverse(precision.selection(own, own))
    const symmetric = block.add(block.transpose()).div(2)
    const root = new CholeskyDecomposition(symmetric).lowerTriangularMatrix
    const columns = precision.subMatrixColumn(own).mmul(root)
    for (const [kind, column] of own.entries()) contributions.setColumn(column, columns.getColumn(kind))
  }
  return Float64Array.from(contributions.to1DArray())
}

/** The distance of each row. */
export function distancesOf({ width, mean, whitening }: Pca, features: Float64Array): Float64Array {
  const count = features.length / width
  const distances = new Float64Array(count)
  for (let row = 0; row < count; row += 1) {
    let sum = 0
    for (let column = 0; column < width; column += 1) {
      let dot = 0
      for (let at = 0; at < width; at += 1)
        dot += ((features[row * width + at] ?? 0) - (mean[at] ?? 0)) * (whitening[at * width + column] ?? 0)
      sum += dot * dot
    }
    distances[row] = Math.sqrt(sum)
  }
  return distances
}
