/** The two networks of [McMahan et al., 2017], Communication-Efficient Learning, with seeded weights. */
import { buildModel, float32Tensor, type NamedTensor, type NodePart } from '../../src/build.ts'
import { writeModel } from '../../src/write.ts'
import { randomOf } from './train-stage.ts'

type Layer = { name: string; dims: readonly number[]; fanIn: number; fanOut: number }

/** A Glorot start: uniform, wide enough that signals neither grow nor vanish. */
function weightsOf({ name, dims, fanIn, fanOut }: Layer, random: () => number): NamedTensor[] {
  const limit = Math.sqrt(6 / (fanIn + fanOut))
  const count = dims.reduce((a, b) => a * b, 1)
  const values = Float32Array.from({ length: count }, () => (random() * 2 - 1) * limit)
  const [outputs = 0] = dims
  return [float32Tensor(`${name}.w`, dims, values), float32Tensor(`${name}.b`, [outputs], new Float32Array(outputs))]
}

const float = (name: string, shape: number[]) => ({ name, datatype: 'FP32' as const, shape })
const transB = { attributes: { transB: { int: 1 } } }
const node = (operator: string, inputs: string[], output: string, more: Partial<NodePart> = {}): NodePart => ({
  operator,
  inputs,
  outputs: [output],
  ...more,
})

/** 2NN: 784-200-200-10, 199,210 weights. */
export function twoLayers(seed: number, sizes: readonly number[] = [784, 200, 200, 10]): Uint8Array<ArrayBuffer> {
  const random = randomOf(seed)
  const initialisers: NamedTensor[] = []
  const nodes: NodePart[] = []
  let input = 'x'
  for (const [index, inner] of sizes.slice(0, -1).entries()) {
    const outer = sizes[index + 1] ?? 0
    const isLast = index === sizes.length - 2
    const product = isLast ? 'logits' : `h${index}`
    initialisers.push(...weightsOf({ name: `fc${index}`, dims: [outer, inner], fanIn: inner, fanOut: outer }, random))
    nodes.push(node('Gemm', [input, `fc${index}.w`, `fc${index}.b`], product, transB))
    if (!isLast) nodes.push(node('Relu', [product], `a${index}`))
    input = `a${index}`
  }
  const [features = 0] = sizes
  return writeModel(
    buildModel({
      nodes,
      initialisers,
      inputs: [float('x', [-1, features])],
      outputs: [float('logits', [-1, sizes.at(-1) ?? 0])],
    }),
  )
}

/** CNN: two 5x5 convolutions (32, 64 channels), 512 hidden units, 1,663,370 weights. */
export function convolutional(seed: number): Uint8Array<ArrayBuffer> {
  const random = randomOf(seed)
  const layers: Layer[] = [
    { name: 'c1', dims: [32, 1, 5, 5], fanIn: 25, fanOut: 800 },
    { name: 'c2', dims: [64, 32, 5, 5], fanIn: 800, fanOut: 1_600 },
    { name: 'f1', dims: [512, 3_136], fanIn: 3_136, fanOut: 512 },
    { name: 'f2', dims: [10, 512], fanIn: 512, fanOut: 10 },
  ]
  const shape = {
    name: 'shape',
    datatype: 'INT64' as const,
    shape: [4],
    data: new Uint8Array(BigInt64Array.of(-1n, 1n, 28n, 28n).buffer),
  }
  const conv = { attributes: { kernel_shape: { ints: [5, 5] }, pads: { ints: [2, 2, 2, 2] } } }
  const pool = { attributes: { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } } }
  return writeModel(
    buildModel({
      nodes: [
        node('Reshape', ['x', 'shape'], 'image'),
        node('Conv', ['image', 'c1.w', 'c1.b'], 'y1', conv),
        node('Relu', ['y1'], 'r1'),
        node('MaxPool', ['r1'], 'p1', pool),
        node('Conv', ['p1', 'c2.w', 'c2.b'], 'y2', conv),
        node('Relu', ['y2'], 'r2'),
        node('MaxPool', ['r2'], 'p2', pool),
        node('Flatten', ['p2'], 'flat', { attributes: { axis: { int: 1 } } }),
        node('Gemm', ['flat', 'f1.w', 'f1.b'], 'h', transB),
        node('Relu', ['h'], 'hr'),
        node('Gemm', ['hr', 'f2.w', 'f2.b'], 'logits', transB),
      ],
      initialisers: [...layers.flatMap((layer) => weightsOf(layer, random)), shape],
      inputs: [float('x', [-1, 784])],
      outputs: [float('logits', [-1, 10])],
    }),
  )
}
