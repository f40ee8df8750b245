/** Cluster counter: counts the rows of an embedding by the nearest cluster of the reference, and by the distance to it. */
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { CLUSTER_DIMENSIONS_MAX, type Clusters } from '@skerry/contract/monitors/profile'
import { addValue, type Tally } from '@skerry/core/monitors/bins'
import { nearestOf, partOf } from '@skerry/core/monitors/clusters'
import { elementReader } from '@skerry/inference/host/element-reader'
import type { RawTensor } from '@skerry/inference/host/raw-tensor'

/** The row that is compared; one at a time, so that the memory does not depend on the request. */
const picked = new Float64Array(CLUSTER_DIMENSIONS_MAX)

/** Adds the rows of the tensor. One with other columns than the reference counts as missing. */
export function countClusters(tally: Tally, clusters: Clusters, { datatype, data, shape }: RawTensor): void {
  const read = elementReader(datatype)
  if (!read) return
  const { step, centroids } = clusters
  const size = ELEMENT_BYTES[datatype]
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const columns = shape[1] ?? 1
  const dimensions = centroids[0]?.length ?? 0
  const fits = Math.ceil(columns / step) === dimensions && dimensions <= picked.length
  for (let first = 0; (first + columns) * size <= data.byteLength; first += columns) {
    for (let at = 0; fits && at < dimensions; at++) picked[at] = read(view, (first + at * step) * size)
    addValue(tally, fits ? partOf(clusters, nearestOf(centroids, picked)) : Number.NaN)
  }
}
