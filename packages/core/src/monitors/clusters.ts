/**
 * Clusters of embeddings: a single column of an embedding says nothing, but the share of rows near each cluster of the
 * reference does, and so does the distance to it. Both are features like others, so that devices count them into bins.
 */
import { CLUSTER_DIMENSIONS_MAX, CLUSTERS_MAX, type Clusters } from '@skerry/contract/monitors/profile'

/** Rows at even distances, so that the reference of a large data set takes a second. */
const ROWS_MAX = 2_000

/** [Lloyd 1982] Later rounds change little. */
const ROUNDS = 20

/** Numbers in the held document of a device; more digits are below the noise of an embedding. */
const DIGITS = 5

/** Every so many dimensions are read, at even distances. */
export const stepOf = (columns: number): number => Math.ceil(columns / CLUSTER_DIMENSIONS_MAX)

/** The dimensions of a row that are read. */
export const pickedOf = (row: ArrayLike<number>, step: number): Float64Array =>
  Float64Array.from({ length: Math.ceil(row.length / step) }, (_, at) => row[at * step] ?? Number.NaN)

/**
 * The centroids of the rows, the same for the same rows: the first is the first row, and each next one is the row with the
 * largest distance to those before. Undefined with fewer different rows than two. Rows with NaN have no place.
 */
export function clustersOf(rows: readonly Float64Array[]): number[][] | undefined {
  const finite = rows.filter((row) => row.every(Number.isFinite))
  const every = Math.ceil(finite.length / ROWS_MAX)
  const sample = finite.filter((_, at) => at % every === 0)
  let centroids = firstCentroids(sample)
  if (centroids.length < 2) return undefined
  for (let round = 0; round < ROUNDS; round++) centroids = movedCentroids(sample, centroids)
  return centroids.map((centroid) => Array.from(centroid, (value) => Number(value.toPrecision(DIGITS))))
}

function firstCentroids(sample: readonly Float64Array[]): Float64Array[] {
  const [first] = sample
  const centroids = first ? [first] : []
  while (centroids.length > 0 && centroids.length < CLUSTERS_MAX) {
    let farthest: Float64Array | undefined
    let most = 0
    for (const row of sample) {
      const { distance } = nearestOf(centroids, row)
      if (distance > most) [most, farthest] = [distance, row]
    }
    if (!farthest) break
    centroids.push(farthest)
  }
  return centroids
}

/** A centroid without rows stays. */
function movedCentroids(sample: readonly Float64Array[], centroids: readonly Float64Array[]): Float64Array[] {
  const sums = centroids.map(({ length }) => new Float64Array(length))
  const counts = centroids.map(() => 0)
  for (const row of sample) {
    const { cluster } = nearestOf(centroids, row)
    const sum = sums[cluster]
    counts[cluster] = (counts[cluster] ?? 0) + 1
    for (let at = 0; sum && at < row.length; at++) sum[at] = (sum[at] ?? 0) + (row[at] ?? 0)
  }
  return centroids.map((centroid, at) => {
    const count = counts[at] ?? 0
    return count === 0 ? centroid : (sums[at]?.map((sum) => sum / count) ?? centroid)
  })
}

export type Nearest = { cluster: number; distance: number }

/** The nearest centroid, and the Euclidean distance to it. NaN both for a row with NaN or an infinity. */
export function nearestOf(centroids: readonly ArrayLike<number>[], row: ArrayLike<number>): Nearest {
  let cluster = Number.NaN
  let least = Number.POSITIVE_INFINITY
  for (let at = 0; at < centroids.length; at++) {
    const square = squareOf(centroids[at] ?? [], row)
    if (square < least) [least, cluster] = [square, at]
  }
  return { cluster, distance: Number.isNaN(cluster) ? Number.NaN : Math.sqrt(least) }
}

function squareOf(centroid: ArrayLike<number>, row: ArrayLike<number>): number {
  let sum = 0
  for (let at = 0; at < centroid.length; at++) {
    const away = (row[at] ?? Number.NaN) - (centroid[at] ?? 0)
    sum += away * away
  }
  return sum
}

/** The value of the feature of a row. */
export const partOf = ({ part }: Pick<Clusters, 'part'>, { cluster, distance }: Nearest): number =>
  part === 'cluster' ? cluster : distance
