/** Profile clusters: the features of embeddings in the reference: the nearest cluster of each row, and the distance to it. */
import type { GoldenCase } from '@skerry/contract/devices/golden'
import { ELEMENT_BYTES, type Tensor } from '@skerry/contract/models/tensor'
import { CLUSTER_FEATURES_MAX, type FeatureProfile } from '@skerry/contract/monitors/profile'
import { clustersOf, nearestOf, partOf, pickedOf, stepOf } from '@skerry/core/monitors/clusters'
import { COLUMNS_MAX, profileOf } from '@skerry/core/monitors/profile'
import { elementReader } from '@skerry/inference/host/element-reader'

/** More columns belong to a picture or a sound, whose distances mean nothing. */
const EMBEDDING_COLUMNS_MAX = 16_384

const PARTS = ['cluster', 'distance'] as const

/** Two features for each embedding among inputs and outputs, up to that number. All cases have the same tensors. */
export function clusterFeatures(cases: readonly GoldenCase[], featuresMax: number): FeatureProfile[] {
  const [first] = cases
  const sides = ['input', 'output'] as const
  return sides
    .flatMap((side) =>
      Object.entries((side === 'input' ? first?.inputs : first?.outputs) ?? {})
        .filter(([, tensor]) => isEmbedding(tensor))
        .flatMap(([name]) => featuresOfTensor(cases, side, name)),
    )
    .slice(0, Math.max(0, Math.min(featuresMax, CLUSTER_FEATURES_MAX)))
}

const isEmbedding = ({ datatype, shape: [, columns = 0, ...more] }: Tensor) =>
  (datatype.startsWith('FP') || datatype === 'BF16') &&
  more.length === 0 &&
  columns > COLUMNS_MAX &&
  columns <= EMBEDDING_COLUMNS_MAX

function featuresOfTensor(cases: readonly GoldenCase[], side: 'input' | 'output', name: string): FeatureProfile[] {
  const tensors = cases.flatMap((one) => (side === 'input' ? one.inputs : one.outputs)[name] ?? [])
  const step = stepOf(tensors[0]?.shape[1] ?? 1)
  const rows = tensors.flatMap((tensor) => rowsOf(tensor, step))
  const centroids = clustersOf(rows)
  if (!centroids) return []
  const nearest = rows.map((row) => nearestOf(centroids, row))
  return PARTS.map((part) => {
    const feature = `${part} of ${name}`
    const clusters = { tensor: name, step, part, centroids }
    const values = nearest.map((one) => partOf(clusters, one))
    return { ...profileOf({ feature, side, tensor: feature }, values), clusters }
  })
}

function rowsOf({ datatype, shape, data }: Tensor, step: number): Float64Array[] {
  const read = elementReader(datatype)
  if (!read) return []
  const bytes = Buffer.from(data, 'base64')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = ELEMENT_BYTES[datatype]
  const [count = 0, columns = 1] = shape
  return Array.from({ length: count }, (_, row) => {
    const values = Float64Array.from({ length: columns }, (_, at) => read(view, (row * columns + at) * size))
    return pickedOf(values, step)
  })
}
