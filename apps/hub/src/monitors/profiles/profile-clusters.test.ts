import type { Tensor } from '@skerry/contract/models/tensor'
import { expect, test } from 'vitest'
import { clusterFeatures } from './profile-clusters.ts'

const tensorOf = (shape: number[], valueAt: (at: number) => number): Tensor => {
  const values = Float32Array.from({ length: shape.reduce((all, size) => all * size, 1) }, (_, at) => valueAt(at))
  return { datatype: 'FP32', shape, data: Buffer.from(values.buffer).toString('base64') }
}

const COLUMNS = 300

/** Half of the rows lie near 0, and half near 10. */
const embedding = tensorOf([40, COLUMNS], (at) => (Math.floor(at / COLUMNS) % 2) * 10 + ((at * 0.618_033_988_7) % 1))

const cases = [
  {
    inputs: { e: embedding, picture: tensorOf([40, 3, 8, 8], (at) => at), few: tensorOf([40, 8], (at) => at) },
    outputs: {},
  },
]

test('an embedding has two features with bounded centroids, and pictures and tables have none', () => {
  const features = clusterFeatures(cases, 64)
  expect(features.map(({ feature, side, form }) => [feature, side, form])).toEqual([
    ['cluster of e', 'input', 'category'],
    ['distance of e', 'input', 'number'],
  ])
  const [cluster, distance] = features
  expect(cluster?.clusters).toMatchObject({ tensor: 'e', step: 5, part: 'cluster' })
  expect(cluster?.clusters?.centroids.every(({ length }) => length === 60)).toBe(true)
  expect(cluster?.counts.reduce((sum, count) => sum + count, 0)).toBe(40)
  expect(distance?.moments?.max).toBeLessThan(10)
})

test('no feature is above the limit of a model', () => {
  expect(clusterFeatures(cases, 1)).toHaveLength(1)
  expect(clusterFeatures(cases, 0)).toEqual([])
})
