/** Builds small ONNX models from plain parts, for tests, examples and benchmarks. */
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { elementTypeNumber } from './element-type.ts'
import {
  type AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  type FunctionProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type ValueInfoProtoSchema,
} from './generated/onnx_pb.ts'
import { hasGraph, type Model } from './read.ts'
import { type RawTensor, writeTensor } from './tensor.ts'

export type AttributePart =
  | { int: number }
  | { float: number }
  | { text: string }
  | { texts: readonly string[] }
  | { ints: readonly number[] }
  | { floats: readonly number[] }
  | { tensor: RawTensor }
  | { graph: GraphParts }

export type NodePart = {
  operator: string
  domain?: string
  name?: string
  inputs: readonly string[]
  outputs: readonly string[]
  attributes?: Readonly<Record<string, AttributePart>>
}

export type NamedTensor = RawTensor & { name: string }

export type GraphParts = {
  nodes: readonly NodePart[]
  /** A dimension of -1 becomes a symbolic one. */
  inputs: readonly TensorSpec[]
  outputs: readonly TensorSpec[]
  initialisers?: readonly NamedTensor[]
}

export type FunctionPart = {
  domain: string
  name: string
  inputs: string[]
  outputs: string[]
  nodes: readonly NodePart[]
}

export type ModelParts = GraphParts & {
  opsets?: Readonly<Record<string, number>>
  irVersion?: number
  metadata?: Readonly<Record<string, string>>
  functions?: readonly FunctionPart[]
}

/** ONNX 1.14, of 2023: every runtime of the last years loads these. */
const DEFAULT_OPSETS = { 'ai.onnx': 18 }
const DEFAULT_IR_VERSION = 8

/** The model of these parts; `summarise` and the runtime check whether they fit together. */
export function buildModel({ opsets, irVersion, metadata, functions, ...graph }: ModelParts): Model {
  const opsetImport = Object.entries(opsets ?? DEFAULT_OPSETS).map(([name, version]) => ({
    domain: name === 'ai.onnx' ? '' : name,
    version: BigInt(version),
  }))
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersion ?? DEFAULT_IR_VERSION),
    producerName: 'skerry',
    opsetImport,
    graph: graphOf(graph),
    metadataProps: Object.entries(metadata ?? {}).map(([key, value]) => ({ key, value })),
    functions: (functions ?? []).map((part) => functionOf(part, opsetImport)),
  })
  if (!hasGraph(model)) throw new Error('the graph that was just set is gone')
  return model
}

/** A float32 tensor of these values, which are viewed, not copied. Every machine that runs Node is little-endian. */
export function float32Tensor(name: string, shape: readonly number[], values: Float32Array): NamedTensor {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return { name, datatype: 'FP32', shape: [...shape], data }
}

type Init<Schema extends Parameters<typeof create>[0]> = Exclude<MessageInitShape<Schema>, { $typeName: string }>

function graphOf({ nodes, inputs, outputs, initialisers }: GraphParts): Init<typeof GraphProtoSchema> {
  return {
    name: 'graph',
    node: nodes.map(nodeOf),
    input: inputs.map(valueInfoOf),
    output: outputs.map(valueInfoOf),
    initializer: (initialisers ?? []).map(({ name, ...tensor }) => writeTensor(name, tensor)),
  }
}

function valueInfoOf({ name, datatype, shape }: TensorSpec): Init<typeof ValueInfoProtoSchema> {
  const dim = shape.map((size, index) =>
    size === -1
      ? { value: { case: 'dimParam' as const, value: `${name}_${index}` } }
      : { value: { case: 'dimValue' as const, value: BigInt(size) } },
  )
  return {
    name,
    type: { value: { case: 'tensorType', value: { elemType: elementTypeNumber(datatype), shape: { dim } } } },
  }
}

function nodeOf({ operator, domain, name, inputs, outputs, attributes }: NodePart): Init<typeof NodeProtoSchema> {
  return {
    opType: operator,
    ...(domain === undefined ? {} : { domain }),
    ...(name === undefined ? {} : { name }),
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes ?? {}).map(([key, part]) => ({ name: key, ...attributeOf(part) })),
  }
}

function attributeOf(part: AttributePart): Init<typeof AttributeProtoSchema> {
  if ('int' in part) return { type: AttributeType.INT, i: BigInt(part.int) }
  if ('float' in part) return { type: AttributeType.FLOAT, f: part.float }
  if ('text' in part) return { type: AttributeType.STRING, s: new TextEncoder().encode(part.text) }
  if ('texts' in part) {
    const encoder = new TextEncoder()
    return { type: AttributeType.STRINGS, strings: part.texts.map((text) => encoder.encode(text)) }
  }
  if ('ints' in part) return { type: AttributeType.INTS, ints: part.ints.map(BigInt) }
  if ('floats' in part) return { type: AttributeType.FLOATS, floats: [...part.floats] }
  if ('tensor' in part) return { type: AttributeType.TENSOR, t: writeTensor('', part.tensor) }
  return { type: AttributeType.GRAPH, g: graphOf(part.graph) }
}

function functionOf(
  part: FunctionPart,
  opsetImport: { domain: string; version: bigint }[],
): Init<typeof FunctionProtoSchema> {
  const { domain, name, inputs, outputs, nodes } = part
  return { domain, name, input: inputs, output: outputs, node: nodes.map(nodeOf), opsetImport }
}
