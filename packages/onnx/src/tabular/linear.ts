/** Linear: rows of coefficients as a product of matrices, in 64 bits as the frameworks compute it. */
import type { NamedTensor, NodePart } from '../build.ts'
import { ROWS } from './tabular-model.ts'

export type LinearRow = { coefficients: readonly number[]; intercept: number }

/** A tensor of 64-bit numbers. */
export function float64Tensor(name: string, shape: readonly number[], values: readonly number[]): NamedTensor {
  const data = new Uint8Array(Float64Array.from(values).buffer)
  return { name, datatype: 'FP64', shape: [...shape], data }
}

const TO_DOUBLE = { to: { int: 11 } }
const TO_FLOAT = { to: { int: 1 } }

/** [onnx.proto] TensorProto.DataType: FLOAT is 1, DOUBLE is 11. */
const castTensor = (from: string, to: string, attributes: typeof TO_DOUBLE): NodePart => ({
  operator: 'Cast',
  inputs: [from],
  outputs: [to],
  attributes,
})

/** From a tensor of any numbers to 64 bits, and to 32 bits. */
export const toDouble: (from: string, to: string) => NodePart = (from, to) => castTensor(from, to, TO_DOUBLE)
export const toFloat: (from: string, to: string) => NodePart = (from, to) => castTensor(from, to, TO_FLOAT)

/** From the rows to the tensor `scores`; `input` has 64 bits already if it is given. */
export function linearPart(rows: readonly LinearRow[], input?: string) {
  const features = rows[0]?.coefficients.length ?? 0
  const columns = Array.from({ length: features }, (_, at) => rows.map(({ coefficients }) => coefficients[at] ?? 0))
  const nodes: NodePart[] = [
    ...(input === undefined ? [toDouble(ROWS, 'wide')] : []),
    { operator: 'MatMul', inputs: [input ?? 'wide', 'coefficients'], outputs: ['product'] },
    { operator: 'Add', inputs: ['product', 'intercepts'], outputs: ['sums'] },
    toFloat('sums', 'scores'),
  ]
  const initialisers = [
    float64Tensor('coefficients', [features, rows.length], columns.flat()),
    float64Tensor(
      'intercepts',
      [1, rows.length],
      rows.map(({ intercept }) => intercept),
    ),
  ]
  return { nodes, initialisers, scores: rows.length }
}
