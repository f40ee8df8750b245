/**
 * Changes: robust principal components of the changes within a window only. The level of a tag does not count. So the
 * detector stays quiet where levels wander, as outdoors; it sees neither a slow drift nor a shift that lasts.
 */
import { type DetectorHead, floats, node, pcaHead } from './detector-model.ts'
import { deviationOf, spreadOf } from './numbers.ts'
import { fitPca } from './pca.ts'
import type { Scaling } from './windows.ts'

/** `features`: rows of the width, scaled by `scaling`. */
export function changeHead(features: Float64Array, width: number, scaling: Scaling): DetectorHead {
  const matrix = changeMatrix(features, width, scaling)
  const { mean, ...pca } = fitPca(multiply(features, width, matrix), width)
  const head = pcaHead({ ...pca, mean }, 'changes')
  return {
    nodes: [node('MatMul', ['features', 'to_changes'], 'changes'), ...head.nodes],
    initialisers: [...head.initialisers, floats('to_changes', [width, width], matrix)],
  }
}

/** The last value becomes its distance from the mean, the mean goes, and the spread stays. */
function changeMatrix(features: Float64Array, width: number, { tags, featureScale }: Scaling): Float64Array {
  const matrix = new Float64Array(width * width)
  for (let tag = 0; tag < tags; tag += 1) {
    const mean = tags + tag
    const spread = 2 * tags + tag
    const toLast = featureScale[tag] ?? 1
    const toMean = featureScale[mean] ?? 1
    const changes = Float64Array.from(
      { length: features.length / width },
      (_, row) => (features[row * width + tag] ?? 0) * toLast - (features[row * width + mean] ?? 0) * toMean,
    )
    const scale = Math.max(spreadOf(changes), 0.1 * deviationOf(changes), 1e-3)
    matrix[tag * width + tag] = toLast / scale
    matrix[mean * width + tag] = -toMean / scale
    matrix[spread * width + spread] = 1
  }
  return matrix
}

function multiply(features: Float64Array, width: number, matrix: Float64Array): Float64Array {
  const product = new Float64Array(features.length)
  for (let row = 0; row < features.length / width; row += 1)
    for (let from = 0; from < width; from += 1) {
      const value = features[row * width + from] ?? 0
      for (let to = 0; to < width; to += 1)
        product[row * width + to] = (product[row * width + to] ?? 0) + value * (matrix[from * width + to] ?? 0)
    }
  return product
}
