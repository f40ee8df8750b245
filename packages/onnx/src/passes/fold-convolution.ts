/**
 * Folds the nodes behind a convolution into it: a `BatchNormalization`, a constant factor or a constant summand for each
 * channel. They become part of its weights and its bias. The runtime does the same while it loads a float model; a
 * quantised model must have it done before.
 */
import { type Body, bodies } from '../body.ts'
import type { NodeProto, TensorProto } from '../generated/onnx_pb.ts'
import { writeTensor } from '../tensor.ts'
import { type Constants, constantsOf, type FreshNames, freshNames, usesOf } from './naming.ts'
import { dropUnreadInitialisers } from './normalise.ts'
import { changeOf, type Pass, setNodes } from './pass.ts'
import { floatsOf } from './weight.ts'

export const foldConvolution: Pass = {
  name: 'fold-convolution',
  apply(model, report) {
    const fresh = freshNames(model)
    const store = (tensor: TensorProto) => model.graph.initializer.push(tensor)
    for (const body of bodies(model)) {
      const folding = { body, constants: constantsOf(model), uses: usesOf(model), fresh, store }
      const folded = new Set(
        body.nodes.filter(({ opType }) => opType === 'Conv').flatMap((conv) => foldAll(conv, folding)),
      )
      report.changed.push(...[...folded].map(changeOf))
      setNodes(
        body,
        body.nodes.filter((node) => !folded.has(node)),
      )
    }
    dropUnreadInitialisers(model)
    return undefined
  },
}

type Folding = {
  body: Body
  constants: Constants
  uses: ReadonlyMap<string, number>
  fresh: FreshNames
  store(tensor: TensorProto): void
}

/** For each output channel, the factor of its result, and the summand after that. */
type Affine = { factors: Float32Array; summands: Float32Array }

/** Folds the chain of nodes behind a convolution, each the only reader of the one before, and returns them. */
function foldAll(conv: NodeProto, folding: Folding): NodeProto[] {
  const { body, constants, uses } = folding
  const weight = constants(conv.input[1] ?? '', body)
  const values = weight && floatsOf(weight)
  const channels = Number(weight?.dims[0] ?? 0)
  const bias = conv.input[2] ? constantFloats(conv.input[2], folding) : new Float32Array(channels)
  if (!weight || !values || bias?.length !== channels) return []
  const chain: { node: NodeProto; affine: Affine }[] = []
  for (let output = conv.output[0] ?? ''; uses.get(output) === 1; ) {
    const node = body.nodes.find(({ input }) => input.includes(output))
    const affine = node && affineOf(node, { output, channels, rank: weight.dims.length }, folding)
    if (!node || !affine) break
    chain.push({ node, affine })
    output = node.output[0] ?? ''
  }
  const last = chain.at(-1)
  if (!last) return []
  write(conv, { weight, values, bias, whole: chain.map(({ affine }) => affine).reduce(then) }, folding)
  conv.output = [last.node.output[0] ?? '']
  return chain.map(({ node }) => node)
}

const then = (first: Affine, next: Affine): Affine => ({
  factors: first.factors.map((factor, channel) => factor * (next.factors[channel] ?? 1)),
  summands: first.summands.map(
    (summand, channel) => summand * (next.factors[channel] ?? 1) + (next.summands[channel] ?? 0),
  ),
})

type Content = { weight: TensorProto; values: Float32Array; bias: Float32Array; whole: Affine }

function write(conv: NodeProto, { weight, values, bias, whole }: Content, { fresh, store }: Folding) {
  const perChannel = values.length / bias.length
  const scaled = values.map((value, index) => value * (whole.factors[Math.floor(index / perChannel)] ?? 1))
  const shifted = bias.map((each, channel) => each * (whole.factors[channel] ?? 1) + (whole.summands[channel] ?? 0))
  const names = { weight: fresh(`${weight.name}/folded`), bias: fresh(`${conv.output[0]}/bias`) }
  store(writeTensor(names.weight, { datatype: 'FP32', shape: weight.dims.map(Number), data: bytesOf(scaled) }))
  store(writeTensor(names.bias, { datatype: 'FP32', shape: [shifted.length], data: bytesOf(shifted) }))
  conv.input = [conv.input[0] ?? '', names.weight, names.bias]
}

type Result = { output: string; channels: number; rank: number }

/** The effect of a node on each channel of a result; undefined if the node is of another kind. */
function affineOf(node: NodeProto, result: Result, folding: Folding): Affine | undefined {
  if (node.domain !== '') return undefined
  if (node.opType === 'BatchNormalization') return normalisation(node, result, folding)
  if (node.opType !== 'Add' && node.opType !== 'Mul') return undefined
  const other = node.input.find((name) => name !== result.output)
  const values = other === undefined ? undefined : perChannel(other, result, folding)
  if (!values) return undefined
  return node.opType === 'Add'
    ? { factors: new Float32Array(result.channels).fill(1), summands: values }
    : { factors: values, summands: new Float32Array(result.channels) }
}

/** [ONNX operators, BatchNormalization, epsilon] */
const EPSILON = 1e-5

/** [ONNX operators, BatchNormalization] y = (x - mean) / sqrt(variance + epsilon) * scale + shift, for each channel */
function normalisation(node: NodeProto, { output, channels }: Result, folding: Folding): Affine | undefined {
  if (node.input[0] !== output || node.output.slice(1).some(Boolean)) return undefined
  const [scale, shift, mean, variance] = node.input.slice(1, 5).map((name) => constantFloats(name, folding))
  if (!scale || !shift || !mean || !variance || scale.length !== channels) return undefined
  const epsilon = node.attribute.find(({ name }) => name === 'epsilon')?.f ?? EPSILON
  const factors = scale.map((each, channel) => each / Math.sqrt((variance[channel] ?? 0) + epsilon))
  return { factors, summands: shift.map((each, channel) => each - (mean[channel] ?? 0) * (factors[channel] ?? 0)) }
}

/** A constant with one value for each channel, or one for all, as it would be broadcast over the result. */
function perChannel(name: string, { channels, rank }: Result, folding: Folding): Float32Array | undefined {
  const tensor = folding.constants(name, folding.body)
  const values = tensor && floatsOf(tensor)
  if (!tensor || !values) return undefined
  if (values.length === 1 && tensor.dims.length <= rank) return new Float32Array(channels).fill(values[0] ?? 0)
  const shape = tensor.dims.map(Number)
  const padded = [...new Array<number>(Math.max(0, rank - shape.length)).fill(1), ...shape]
  const isPerChannel = padded.length === rank && padded.every((size, axis) => size === (axis === 1 ? channels : 1))
  return isPerChannel ? values : undefined
}

function constantFloats(name: string, { constants, body }: Folding): Float32Array | undefined {
  const tensor = constants(name, body)
  return tensor && floatsOf(tensor)
}

const bytesOf = (values: Float32Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
