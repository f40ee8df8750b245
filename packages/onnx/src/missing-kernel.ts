/**
 * Missing kernel: says which node of a model has types that the runtime computes its operator for in no kernel. The runtime only
 * names the operator, as if it had none of that name.
 */
import { bodies, nodeLabel } from './body.ts'
import { elementType } from './element-type.ts'
import type { NodeProto, ValueInfoProto } from './generated/onnx_pb.ts'
import type { Model } from './read.ts'

/** As the runtime names it; the name is empty for a node without one. */
export type KernelWanted = { operator: string; opset: number; name: string }

/** The node and its types, in a sentence that says what to do. */
export function describeMissingKernel(model: Model, { operator, opset, name }: KernelWanted): string {
  const types = valueTypes(model)
  const found = [...bodies(model)]
    .flatMap(({ nodes }) => nodes)
    .filter((node) => node.opType === operator && node.name === name)
    .map((node) => ({ node, types: inputTypes(node, types) }))
  // The runtime computes nearly everything in float32: of nodes without a name, one in another type is the one.
  const [first] = found.toSorted((a, b) => Number(isUsual(a.types)) - Number(isUsual(b.types)))
  const built = `the runtime has ${operator} of opset ${opset}, but not for`
  if (!first) {
    return `${built} the types that it gets in this model, as a part of another operator; export the model in float32`
  }
  const which = first.types.length > 0 ? first.types.join(' and ') : 'the types that it gets here'
  return `${nodeLabel(first.node)}: ${built} ${which}; cast its inputs to float32, or export the model in float32`
}

const isUsual = (types: readonly string[]) => types.every((type) => type === 'float32')

function inputTypes(node: NodeProto, types: ReadonlyMap<string, number>): string[] {
  const known = node.input.flatMap((input) => elementType(types.get(input) ?? 0)?.name ?? [])
  return [...new Set(known)]
}

/** Operators whose output has the type of their first input. */
const SAME_TYPE = new Set([
  'Identity',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Neg',
  'Abs',
  'Sqrt',
  'Exp',
  'Relu',
  'Sigmoid',
  'Tanh',
  'Softmax',
  'MatMul',
  'Gemm',
  'Conv',
  'Reshape',
  'Transpose',
  'Concat',
  'Slice',
  'Gather',
  'Squeeze',
  'Unsqueeze',
  'Flatten',
])

/** Element types by the names of values, as far as the file states them or an operator keeps them. */
function valueTypes(model: Model): Map<string, number> {
  const types = new Map<string, number>()
  for (const { graph, nodes } of bodies(model)) {
    for (const value of [...(graph?.input ?? []), ...(graph?.valueInfo ?? []), ...(graph?.output ?? [])]) {
      types.set(value.name, tensorType(value))
    }
    for (const { name, dataType } of graph?.initializer ?? []) types.set(name, dataType)
    for (const node of nodes) noteOutput(node, types)
  }
  return types
}

function noteOutput(node: NodeProto, types: Map<string, number>): void {
  const [output] = node.output
  if (output === undefined || types.has(output)) return
  const type = outputType(node, types)
  if (type !== undefined) types.set(output, type)
}

function outputType({ opType, input, attribute }: NodeProto, types: ReadonlyMap<string, number>): number | undefined {
  const named = (name: string) => attribute.find((each) => each.name === name)
  if (opType === 'Cast') return Number(named('to')?.i ?? 0)
  if (opType === 'Constant') return named('value')?.t?.dataType
  return SAME_TYPE.has(opType) ? types.get(input[0] ?? '') : undefined
}

const tensorType = ({ type }: ValueInfoProto): number =>
  type?.value.case === 'tensorType' ? type.value.value.elemType : 0
