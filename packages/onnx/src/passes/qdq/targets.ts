/** Targets: the nodes of a model that static int8 takes, and the tensors whose ranges it needs. */
import type { Body } from '../../body.ts'
import type { NodeProto, TensorProto } from '../../generated/onnx_pb.ts'
import type { Model } from '../../read.ts'
import { TOO_INEXACT } from '../matmul.ts'
import { type Constants, constantsOf, usesOf } from '../naming.ts'
import { changeOf, type Skip } from '../pass.ts'
import { floatsOf, freeCopy } from '../weight.ts'

export type Target = {
  node: NodeProto
  /** The inputs that are computed while the model runs. */
  activations: string[]
  weight: TargetWeight | undefined
  /** The tensor that is quantised after it: its own result, or that of the activation behind it. */
  result: string
}

export type TargetWeight = {
  name: string
  /** Calls `use` with the values, which may be a copy that is gone afterwards. */
  withValues<Result>(use: (values: Float32Array) => Result): Result
  shape: number[]
  /** The axis of the output channels, and their number. */
  axis: number
  channels: number
  channelOf(index: number): number
  /** Undefined if there is none, or it is computed. */
  bias: Float32Array | undefined
}

export type Targets = { found: Target[]; skipped: Skip[] }

/** Only the main graph: a runtime shows no tensor inside of a branch, so nothing is known of its range. */
export function targetsOf(model: Model, keep: ReadonlySet<string> = new Set()): Targets {
  const body: Body = { nodes: model.graph.node, graph: model.graph, function: undefined, parent: undefined }
  const constants = constantsOf(model)
  const behind = activationsBehind(model)
  const targets: Targets = { found: [], skipped: [] }
  for (const node of model.graph.node) {
    if (node.domain !== '' || !OPERATORS.has(node.opType)) continue
    const [output = ''] = node.output
    const inputs = keep.has(output) ? { reason: TOO_INEXACT } : inputsOf(node, body, constants)
    if ('reason' in inputs) targets.skipped.push({ ...changeOf(node), reason: inputs.reason })
    else targets.found.push({ node, ...inputs, result: behind.get(output) ?? output })
  }
  return targets
}

const OPERATORS: ReadonlySet<string> = new Set(['Conv', 'MatMul', 'Gemm'])

/** The tensors to observe on calibration inputs. */
export function observedTensors(model: Model): string[] {
  const { found } = targetsOf(model)
  return [...new Set(found.flatMap(({ activations, result }) => [...activations, result]))]
}

/** The runtime joins these with a convolution before them, if nothing else reads its result. */
const JOINED: ReadonlySet<string> = new Set(['Relu', 'Clip'])

/** By tensor, the result of the activation that is its only reader. */
export function activationsBehind(model: Model): Map<string, string> {
  const uses = usesOf(model)
  return new Map(
    model.graph.node
      .filter(({ opType, domain, input }) => domain === '' && JOINED.has(opType) && uses.get(input[0] ?? '') === 1)
      .map(({ input, output }) => [input[0] ?? '', output[0] ?? '']),
  )
}

type Inputs = Pick<Target, 'activations' | 'weight'>

function inputsOf(node: NodeProto, body: Body, constants: Constants): Inputs | { reason: string } {
  const [left = '', right = ''] = node.input
  if (constants(left, body)) return { reason: 'its input is constant' }
  const tensor = constants(right, body)
  if (!tensor && node.opType === 'MatMul') return { activations: [left, right], weight: undefined }
  if (!tensor) return { reason: 'its weight is not constant' }
  const shape = tensor.dims.map(Number)
  if (!isFloat32(tensor)) return { reason: 'its weight is no float32' }
  if (node.opType !== 'Conv' && shape.length !== 2) return { reason: 'its weight is no matrix' }
  if (node.opType === 'Gemm' && !isPlainGemm(node))
    return { reason: 'its alpha or beta is not 1, or its left side is transposed' }
  const axis = axisOf(node)
  const channels = shape[axis] ?? 1
  const inner = shape.slice(axis + 1).reduce((product, size) => product * size, 1)
  const channelOf = (index: number) => Math.floor(index / inner) % channels
  const bias = constants(node.input[2] ?? '', body)
  const held = bias && bias.dims.length === 1 && Number(bias.dims[0]) === channels ? floatsOf(bias) : undefined
  if (node.input[2] && !held) return { reason: 'its bias is not constant, or no vector' }
  const withValues = <Result>(use: (values: Float32Array) => Result) => useFloats(tensor, use)
  return { activations: [left], weight: { name: right, withValues, shape, axis, channels, channelOf, bias: held } }
}

/** Whether `floatsOf` has values of it. */
function isFloat32(tensor: TensorProto): boolean {
  const values = floatsOf(tensor)
  if (values) freeCopy(values, tensor)
  return values !== undefined
}

function useFloats<Result>(tensor: TensorProto, use: (values: Float32Array) => Result): Result {
  const values = floatsOf(tensor) ?? new Float32Array()
  try {
    return use(values)
  } finally {
    freeCopy(values, tensor)
  }
}

const settingOf = (node: NodeProto, name: string) => node.attribute.find((each) => each.name === name)

const isPlainGemm = (node: NodeProto) =>
  (settingOf(node, 'alpha')?.f ?? 1) === 1 &&
  (settingOf(node, 'beta')?.f ?? 1) === 1 &&
  (settingOf(node, 'transA')?.i ?? 0n) === 0n

/** [ONNX operators] Output channels are the first axis of a convolution and of a transposed matrix. */
function axisOf(node: NodeProto): number {
  if (node.opType === 'Conv') return 0
  return node.opType === 'Gemm' && (settingOf(node, 'transB')?.i ?? 0n) !== 0n ? 0 : 1
}
