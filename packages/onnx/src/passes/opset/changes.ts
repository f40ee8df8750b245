/**
 * The operators that changed their form between the operator sets 7 and 13. Operators that only took further types, or
 * further values, are not here: they compute the same as before.
 *
 * [ONNX operators, changelog]
 */
import { create } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
  type TensorProto,
} from '../../generated/onnx_pb.ts'
import { writeTensor } from '../../tensor.ts'
import { nodeOf } from '../matmul.ts'
import type { FreshNames } from '../naming.ts'

export type Rewriting = {
  node: NodeProto
  /** The operator set in which the node is written. */
  from: number
  fresh: FreshNames
  /** Adds an initialiser to the main graph, whose names all bodies see. */
  store(tensor: TensorProto): void
}

/** The nodes instead of the old one, or why there are none: the end of a sentence about the node. */
export type Rewritten = { nodes: NodeProto[] } | { reason: string }

/** `since` is the operator set from which on the operator has its new form. */
export type Change = { since: number; rewrite(rewriting: Rewriting): Rewritten }

export const changes: ReadonlyMap<string, Change> = new Map<string, Change>([
  ['Clip', { since: 11, rewrite: clip }],
  ['Pad', { since: 11, rewrite: pad }],
  ['Slice', { since: 10, rewrite: slice }],
  ['TopK', { since: 10, rewrite: topK }],
  ['Upsample', { since: 10, rewrite: upsample }],
  ['Resize', { since: 11, rewrite: resize }],
  ['Dropout', { since: 12, rewrite: dropout }],
  ['Squeeze', { since: 13, rewrite: axesToInput }],
  ['Unsqueeze', { since: 13, rewrite: axesToInput }],
  ['ReduceSum', { since: 13, rewrite: axesToInput }],
  ['Split', { since: 13, rewrite: split }],
  ['Softmax', { since: 13, rewrite: flattened }],
  ['LogSoftmax', { since: 13, rewrite: flattened }],
  ['Hardmax', { since: 13, rewrite: flattened }],
  ['BatchNormalization', { since: 9, rewrite: batchNormalization }],
  ['Scan', { since: 9, rewrite: () => ({ reason: 'has a batch, which newer sets do not have' }) }],
  ['Scatter', { since: 11, rewrite: ({ node }) => kept(node, 'ScatterElements') }],
])

/** The node keeps its inputs and attributes, under another operator if one is named. */
function kept(node: NodeProto, operator = node.opType): Rewritten {
  node.opType = operator
  return { nodes: [node] }
}

const attributesOf = (node: NodeProto) => new Map(node.attribute.map((each) => [each.name, each]))

/** Takes the attribute from the node. */
function take(node: NodeProto, name: string): AttributeProto | undefined {
  const found = node.attribute.find((each) => each.name === name)
  node.attribute = node.attribute.filter((each) => each !== found)
  return found
}

const int64s = (values: readonly (number | bigint)[]) => new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer)

/** The name of a new initialiser of 64-bit integers: a vector, or a scalar. */
function integers({ node, fresh, store }: Rewriting, what: string, values: readonly (number | bigint)[]): string {
  const name = fresh(`${node.output[0]}/${what}`)
  store(writeTensor(name, { datatype: 'INT64', shape: [values.length], data: int64s(values) }))
  return name
}

function float({ node, fresh, store }: Rewriting, what: string, values: readonly number[], shape: number[]): string {
  const name = fresh(`${node.output[0]}/${what}`)
  store(writeTensor(name, { datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) }))
  return name
}

/** [Clip-11] min and max became inputs. Before, they were float32, and had values that clip nothing. */
function clip(rewriting: Rewriting): Rewritten {
  const { node } = rewriting
  const [min, max] = [take(node, 'min'), take(node, 'max')]
  const inputs = [min ? float(rewriting, 'min', [min.f], []) : '', max ? float(rewriting, 'max', [max.f], []) : '']
  node.input = [node.input[0] ?? '', ...(max ? inputs : min ? inputs.slice(0, 1) : [])]
  return { nodes: [node] }
}

/** [Pad-11] pads and value became inputs. */
function pad(rewriting: Rewriting): Rewritten {
  const { node } = rewriting
  const pads = take(node, 'pads')
  const value = take(node, 'value')
  if (!pads) return { reason: 'has no pads' }
  node.input = [
    node.input[0] ?? '',
    integers(rewriting, 'pads', pads.ints),
    float(rewriting, 'value', [value?.f ?? 0], []),
  ]
  return { nodes: [node] }
}

/** [Slice-10] starts, ends and axes became inputs. Without axes, they count from the first. */
function slice(rewriting: Rewriting): Rewritten {
  const { node } = rewriting
  const [starts, ends, axes] = [take(node, 'starts'), take(node, 'ends'), take(node, 'axes')]
  if (!starts || !ends) return { reason: 'has no starts or no ends' }
  node.input = [
    node.input[0] ?? '',
    integers(rewriting, 'starts', starts.ints),
    integers(rewriting, 'ends', ends.ints),
    integers(rewriting, 'axes', axes?.ints ?? starts.ints.map((_, index) => index)),
  ]
  return { nodes: [node] }
}

/** [TopK-10] k became an input. */
function topK(rewriting: Rewriting): Rewritten {
  const { node } = rewriting
  const k = take(node, 'k')
  if (!k) return { reason: 'has no k' }
  node.input = [node.input[0] ?? '', integers(rewriting, 'k', [k.i])]
  return { nodes: [node] }
}

/** [Upsample-9] scales are an input; before, an attribute. [Resize-10] took its place. */
function upsample(rewriting: Rewriting): Rewritten {
  const { node } = rewriting
  const scales = take(node, 'scales')
  if (scales) node.input = [node.input[0] ?? '', float(rewriting, 'scales', scales.floats, [scales.floats.length])]
  node.opType = 'Resize'
  return resize(rewriting)
}

/**
 * [Resize-11] A region of interest became the second input. [Resize-10] mapped positions by the scale alone
 * (`asymmetric`) and took the element below (`floor`).
 */
function resize({ node, fresh, store }: Rewriting): Rewritten {
  const [input = '', scales = ''] = node.input
  const none = fresh(`${node.output[0]}/region`)
  store(writeTensor(none, { datatype: 'FP32', shape: [0], data: new Uint8Array(0) }))
  node.input = [input, none, scales]
  node.attribute.push(text('coordinate_transformation_mode', 'asymmetric'), text('nearest_mode', 'floor'))
  return { nodes: [node] }
}

/** [Dropout-12] The ratio became an input. A model that is served drops nothing, so it says no ratio. */
function dropout({ node }: Rewriting): Rewritten {
  take(node, 'ratio')
  return { nodes: [node] }
}

/** [Squeeze-13, Unsqueeze-13, ReduceSum-13] axes became an input. */
function axesToInput(rewriting: Rewriting): Rewritten {
  const { node } = rewriting
  const axes = take(node, 'axes')
  if (axes) node.input = [node.input[0] ?? '', integers(rewriting, 'axes', axes.ints)]
  return { nodes: [node] }
}

/** [Split-13] The lengths became an input. */
function split(rewriting: Rewriting): Rewritten {
  const { node } = rewriting
  const lengths = take(node, 'split')
  if (lengths) node.input = [node.input[0] ?? '', integers(rewriting, 'split', lengths.ints)]
  return { nodes: [node] }
}

/**
 * [Softmax-13] works along one axis, the last by default. Before, the input was seen as a matrix, split before `axis`
 * (1 by default), whose rows were normalised.
 */
function flattened({ node, fresh }: Rewriting): Rewritten {
  const axis = Number(attributesOf(node).get('axis')?.i ?? 1n)
  const [input = ''] = node.input
  const [output = ''] = node.output
  if (axis === -1) return { nodes: [node] }
  const shape = fresh(`${output}/shape`)
  const matrix = fresh(`${output}/matrix`)
  const normalised = fresh(`${output}/rows`)
  return {
    nodes: [
      nodeOf('Shape', [input], [shape], fresh),
      nodeOf('Flatten', [input], [matrix], fresh, { axis }),
      nodeOf(node.opType, [matrix], [normalised], fresh, { axis: -1 }),
      nodeOf('Reshape', [normalised, shape], [output], fresh),
    ],
  }
}

/** [BatchNormalization-9] lost `spatial`, whose 0 meant statistics for each element of a map. */
function batchNormalization({ node }: Rewriting): Rewritten {
  if (take(node, 'spatial')?.i === 0n) return { reason: 'has statistics for each element, not for each channel' }
  return { nodes: [node] }
}

const text = (name: string, value: string) =>
  create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) })
