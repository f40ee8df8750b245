/**
 * Node cost: an estimate of the time that a node takes, from its arithmetic and the bytes that it moves. A measurement is
 * better; an estimate only has to rank the nodes of one model.
 */
import { ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import type { NodeProto } from '../generated/onnx_pb.ts'
import type { TensorFacts } from './tensor-facts.ts'

/** One core of a usual computer: some 10 thousand million operations, and 5 GB, in a second. */
const OPERATIONS_PER_US = 10_000
const BYTES_PER_US = 5_000

/** The call of a kernel, even if it has nothing to do. */
const CALL_US = 2

/** Microseconds. Tensors of unknown size count as empty. */
export function estimateUs(node: NodeProto, facts: TensorFacts): number {
  const named = [...node.input, ...node.output].filter((name) => name !== '')
  const bytes = named.reduce((sum, name) => sum + (facts.get(name)?.bytes ?? 0), 0)
  const operations = (arithmetic[node.opType] ?? perElement)(shapesOf(node, facts))
  const within = node.attribute.flatMap(({ g, graphs }) => [g ?? [], graphs].flat())
  const inner = within.flatMap((graph) => graph.node).reduce((sum, each) => sum + estimateUs(each, facts), 0)
  return CALL_US + operations / OPERATIONS_PER_US + bytes / BYTES_PER_US + inner
}

/** The elements of each input and output, and the shapes where they are known. */
type Shapes = { inputs: readonly Sized[]; outputs: readonly Sized[] }
type Sized = { shape: readonly number[]; elements: number }

function shapesOf({ input, output }: NodeProto, facts: TensorFacts): Shapes {
  const sized = (name: string): Sized => {
    const fact = facts.get(name)
    if (!fact) return { shape: [], elements: 0 }
    return { shape: fact.shape, elements: fact.bytes / (fact.datatype === 'BYTES' ? 8 : ELEMENT_BYTES[fact.datatype]) }
  }
  return { inputs: input.map(sized), outputs: output.map(sized) }
}

const EMPTY: Sized = { shape: [], elements: 0 }

const perElement = ({ outputs }: Shapes) => outputs.reduce((sum, { elements }) => sum + elements, 0)

/** Each element of the result is a sum over the channels and the places of the kernel. */
const convolution =
  (weight: number) =>
  ({ inputs, outputs: [y = EMPTY] }: Shapes): number => {
    const { shape, elements } = inputs[weight] ?? EMPTY
    return (2 * y.elements * elements) / Math.max(1, shape[0] ?? 1)
  }

/** Each element of the input is multiplied with the kernel of its channel. */
const transposed = ({ inputs: [x = EMPTY, { shape, elements } = EMPTY] }: Shapes) =>
  (2 * x.elements * elements) / Math.max(1, shape[0] ?? 1)

/** The rows times the matrix: each weight counts once for each row. */
const product =
  (weight: number) =>
  ({ inputs, outputs: [y = EMPTY] }: Shapes): number => {
    const inner = inputs[weight]?.shape.at(-2) ?? inputs[0]?.shape.at(-1) ?? 1
    return 2 * y.elements * Math.max(1, inner)
  }

/** [ONNX operators, LSTM] The matrices of inputs and of the state, for each step and row. */
const recurrent = ({ inputs: [x = EMPTY, w = EMPTY, r = EMPTY] }: Shapes) => {
  const rows = x.elements / Math.max(1, x.shape.at(-1) ?? 1)
  return 2 * rows * (w.elements + r.elements)
}

const arithmetic: Readonly<Record<string, (shapes: Shapes) => number>> = {
  Conv: convolution(1),
  FusedConv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  ConvTranspose: transposed,
  MatMul: product(1),
  MatMulInteger: product(1),
  QLinearMatMul: product(3),
  Gemm: product(1),
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
}
