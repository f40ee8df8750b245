/**
 * Dynamic int8: weights of matrix products become int8, and their left sides are quantised while the model runs.
 *
 *     DynamicQuantizeLinear → MatMulInteger → Cast → Mul with both scales
 *
 * [ONNX operators] The results are equal, bit for bit, to those of onnxruntime's own `quantize_dynamic`.
 */
import type { Body } from '../body.ts'
import { writeTensor } from '../tensor.ts'
import { FLOAT32, type Matrix, nodeOf, type Product, type Replacement, replaceProducts } from './matmul.ts'
import type { Pass } from './pass.ts'
import { clamp, LARGEST, roundHalfEven } from './weight.ts'

/**
 * @param keep names of the results of nodes that stay in float
 * @param largest the integer of the largest magnitude of a weight
 */
export const dynamicInt8 = (keep: ReadonlySet<string> = new Set(), largest = LARGEST): Pass => ({
  name: 'dynamic-int8',
  apply(model, report) {
    const weights = new Map<string, Quantised>()
    const lefts = new Map<Body['graph'], Map<string, Left>>()
    replaceProducts(model, { report, keep }, (product) => {
      const left = leftOf(product, lefts)
      const weight = weightOf(product, weights, largest)
      return { nodes: [...left.nodes, ...integerProduct(product, left.names, weight)] }
    })
    return undefined
  },
})

/** The names of a quantised left side. */
type Left = { values: string; scale: string; zero: string }

/** A body quantises a left side once, however many products read it. */
function leftOf({ body, left, fresh }: Product, known: Map<Body['graph'], Map<string, Left>>) {
  const ofBody = known.get(body.graph) ?? new Map<string, Left>()
  known.set(body.graph, ofBody)
  const before = ofBody.get(left)
  if (before) return { names: before, nodes: [] }
  const names = { values: fresh(`${left}/int8`), scale: fresh(`${left}/scale`), zero: fresh(`${left}/zero`) }
  ofBody.set(left, names)
  return { names, nodes: [nodeOf('DynamicQuantizeLinear', [left], [names.values, names.scale, names.zero], fresh)] }
}

type Quantised = { values: string; scale: string; zero: string }

function weightOf({ matrix, fresh, store }: Product, known: Map<string, Quantised>, largest: number): Quantised {
  const before = known.get(matrix.name)
  if (before) return before
  const { name, rows, columns } = matrix
  const names = { values: fresh(`${name}/int8`), scale: fresh(`${name}/scale`), zero: fresh(`${name}/zero`) }
  const { scale, bytes } = quantise(matrix, largest)
  store(writeTensor(names.values, { datatype: 'INT8', shape: [rows, columns], data: new Uint8Array(bytes.buffer) }))
  store(writeTensor(names.scale, { datatype: 'FP32', shape: [], data: new Uint8Array(Float32Array.of(scale).buffer) }))
  store(writeTensor(names.zero, { datatype: 'INT8', shape: [], data: Uint8Array.of(0) }))
  known.set(name, names)
  return names
}

/** One scale for the whole matrix, in which its largest magnitude is `largest`. A matrix of zeros has the scale 1. */
function quantise({ values }: Matrix, largest: number): { scale: number; bytes: Int8Array<ArrayBuffer> } {
  const magnitude = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0)
  const scale = Math.fround(magnitude / largest) || 1
  const bytes = new Int8Array(values.length)
  for (const [index, value] of values.entries())
    bytes[index] = clamp(roundHalfEven(Math.fround(value / scale)), -largest, largest)
  return { scale, bytes }
}

function integerProduct(
  { output, fresh }: Product,
  left: Left,
  weight: Quantised,
): Extract<Replacement, { nodes: unknown }>['nodes'] {
  const [sum, float, scale] = [fresh(`${output}/sum`), fresh(`${output}/float`), fresh(`${output}/scale`)]
  return [
    nodeOf('MatMulInteger', [left.values, weight.values, left.zero, weight.zero], [sum], fresh),
    nodeOf('Cast', [sum], [float], fresh, { to: FLOAT32 }),
    nodeOf('Mul', [left.scale, weight.scale], [scale], fresh),
    nodeOf('Mul', [float, scale], [output], fresh),
  ]
}
