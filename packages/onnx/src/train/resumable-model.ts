/**
 * Resumable model: a training model whose steps can be run in parts. The state that an optimiser carries from step to step,
 * such as the means of Adam, begins with zeros within a training model. Here it becomes an input and an output, so that a
 * device can keep it between two parts.
 */
import { create } from '@bufbuild/protobuf'
import {
  type GraphProto,
  type NodeProto,
  TensorShapeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb.ts'
import { readModel } from '../read.ts'
import { writeModel } from '../write.ts'
import { PROXIMAL } from './plan.ts'

/** A state of the optimiser: the names of its input and its output. It begins with zeros. */
export type OptimiserState = { input: string; output: string; shape: number[] }

export type ResumableModel = { model: Uint8Array<ArrayBuffer>; states: OptimiserState[] }

/** Undefined if the parts of a training would not give the bits of the whole. */
export function resumableModel(bytes: Uint8Array): ResumableModel | undefined {
  const read = readModel(bytes)
  if (!read.ok) return undefined
  const { graph } = read.value
  const scans = graph.node.filter(({ opType }) => opType === 'Scan')
  const [scan] = scans
  // FedProx needs the weights of the round in each step, and a part would begin with later ones.
  if (!scan || scans.length > 1 || graph.input.some(({ name }) => name === PROXIMAL)) return undefined
  const zeros = new Set(graph.node.filter(isZeros).flatMap(({ output }) => output))
  const states = scan.input.flatMap((input, at) => (zeros.has(input) ? [stateOf(scan, input, at)] : []))
  if (states.some((state) => state === undefined) || states.length < zeros.size) return undefined
  const known = states.flatMap((state) => (state ? [state] : []))
  openStates(graph, known)
  return { model: writeModel(read.value), states: known }
}

const isZeros = ({ opType, attribute }: NodeProto) => opType === 'ConstantOfShape' && attribute.length === 0

/** The carried states of a Scan are its first inputs and its first outputs, in the same order. */
function stateOf({ attribute, output }: NodeProto, input: string, at: number): OptimiserState | undefined {
  const body = attribute.find(({ name }) => name === 'body')?.g
  const shape = body?.input[at] && shapeOf(body.input[at])
  const after = output[at]
  return shape && after ? { input, output: after, shape } : undefined
}

function shapeOf({ type }: ValueInfoProto): number[] | undefined {
  if (type?.value.case !== 'tensorType') return undefined
  const sizes = (type.value.value.shape ?? create(TensorShapeProtoSchema)).dim.map(({ value }) =>
    value.case === 'dimValue' ? Number(value.value) : -1,
  )
  return sizes.every((size) => size > 0) ? sizes : undefined
}

function openStates(graph: GraphProto, states: readonly OptimiserState[]): void {
  const inputs = new Set(states.map(({ input }) => input))
  graph.node = graph.node.filter(({ output: [first = ''] }) => !inputs.has(first))
  for (const { input, output, shape } of states) {
    graph.input.push(floatValue(input, shape))
    graph.output.push(floatValue(output, shape))
  }
}

/** [onnx.proto, TensorProto.DataType] */
const FLOAT = 1

const floatValue = (name: string, shape: readonly number[]): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: 'tensorType',
        value: {
          elemType: FLOAT,
          shape: { dim: shape.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } })) },
        },
      },
    },
  })
