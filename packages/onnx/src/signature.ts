/** The signature of a model: which tensors a caller gives and gets, as the Open Inference Protocol describes them. */
import { MODEL_TENSORS_MAX } from '@skerry/contract/models/model-summary'
import { RANK_MAX, type TensorSpec } from '@skerry/contract/models/tensor'
import { elementType, packedBytes } from './element-type.ts'
import type { TensorShapeProto, TypeProto, ValueInfoProto } from './generated/onnx_pb.ts'
import type { Model } from './read.ts'
import { accept, quote, type Refusal, type Result, rejectModel } from './refusal.ts'

export type Signature = {
  inputs: TensorSpec[]
  outputs: TensorSpec[]
  /** Outputs without a shape in the file; their shape above is []. */
  unrankedOutputs: string[]
}

/** A request and its answer are one message each, and gRPC, protobuf and ArrayBuffer carry at most 2 GiB in one. */
const TENSOR_BYTES_MAX = 2 ** 31 - 1
const NAME_MAX = 512

type Tensor = { spec: TensorSpec; isRanked: boolean }

/** Inputs with an initialiser are defaults, not inputs: [ONNX IR specification, Graphs] and files before version 4. */
export function readSignature({ graph }: Model): Result<Signature> {
  const initialisers = new Set(graph.initializer.map(({ name }) => name))
  for (const { values } of graph.sparseInitializer) initialisers.add(values?.name ?? '')
  const inputs = tensorsOf(
    'input',
    graph.input.filter(({ name }) => name === '' || !initialisers.has(name)),
  )
  if (!inputs.ok) return inputs
  const outputs = tensorsOf('output', graph.output)
  if (!outputs.ok) return outputs
  if (outputs.value.length === 0) return rejectModel('model_not_onnx', 'the model has no outputs; export it with some')
  const unranked = inputs.value.find(({ isRanked }) => !isRanked)
  if (unranked) {
    return unsupported(
      'input',
      unranked.spec.name,
      'has no shape; export the model with one, in which dimensions may be symbolic',
    )
  }
  return accept({
    inputs: inputs.value.map(({ spec }) => spec),
    outputs: outputs.value.map(({ spec }) => spec),
    unrankedOutputs: outputs.value.flatMap(({ spec, isRanked }) => (isRanked ? [] : [spec.name])),
  })
}

type Role = 'input' | 'output'

function tensorsOf(role: Role, values: readonly ValueInfoProto[]): Result<Tensor[]> {
  if (values.length > MODEL_TENSORS_MAX) {
    return rejectModel(
      'model_too_complex',
      `the model has ${values.length} ${role}s, and ${MODEL_TENSORS_MAX} can be served`,
    )
  }
  const tensors: Tensor[] = []
  for (const { name, type } of values) {
    const tensor = tensorOf(role, name, type)
    if (!tensor.ok) return tensor
    tensors.push(tensor.value)
  }
  return accept(tensors)
}

function tensorOf(role: Role, name: string, type: TypeProto | undefined): Result<Tensor> {
  if (name === '' || name.length > NAME_MAX)
    return unsupported(role, name, `has no name, or one over ${NAME_MAX} characters`)
  if (type?.value.case !== 'tensorType') return unsupported(role, name, notATensor(type))
  const { elemType, shape } = type.value.value
  const element = elementType(elemType)
  if (!element) return unsupported(role, name, `has element type ${elemType}, which ONNX does not define`)
  if (!element.datatype || !element.isServable) {
    return unsupported(
      role,
      name,
      `is ${element.name}, which cannot be sent to a runtime; cast it to another type inside the model`,
    )
  }
  const dimensions = dimensionsOf(shape)
  if (dimensions.length > RANK_MAX) {
    return unsupported(role, name, `has ${dimensions.length} dimensions, and ${RANK_MAX} can be served`)
  }
  const least = dimensions.reduce((product, dimension) => product * (dimension === -1 ? 1 : dimension), 1)
  if (!dimensions.every(Number.isSafeInteger) || packedBytes(element, least) > TENSOR_BYTES_MAX) {
    return unsupported(
      role,
      name,
      `of shape [${dimensions.join(', ')}] takes over 2 GiB, more than one request can carry`,
    )
  }
  return accept({ spec: { name, datatype: element.datatype, shape: dimensions }, isRanked: shape !== undefined })
}

/** Symbolic and missing dimensions vary; so do negative ones, which older exporters write for that. */
function dimensionsOf(shape: TensorShapeProto | undefined): number[] {
  return (shape?.dim ?? []).map(({ value }) =>
    value.case === 'dimValue' && value.value >= 0n ? Number(value.value) : -1,
  )
}

function notATensor(type: TypeProto | undefined): string {
  const what = type?.value.case === undefined ? undefined : otherTypes.get(type.value.case)
  return `${what ?? 'has no type'}, and only dense tensors can be served`
}

const otherTypes: ReadonlyMap<string, string> = new Map([
  ['sequenceType', 'is a sequence (scikit-learn models need options={"zipmap": False})'],
  ['mapType', 'is a map (scikit-learn models need options={"zipmap": False})'],
  ['optionalType', 'is optional'],
  ['sparseTensorType', 'is a sparse tensor'],
])

const unsupported = (role: Role, name: string, what: string): Refusal =>
  rejectModel('model_input_unsupported', `${role} ${quote(name)} ${what}`)
