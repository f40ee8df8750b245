/** Tensor facts: types, shapes and sizes of the tensors of a model, as a run shows them or as the file declares them. */
import { type Datatype, ELEMENT_BYTES } from '@skerry/contract/models/tensor'
import { elementType } from '../element-type.ts'
import type { TypeProto, ValueInfoProto } from '../generated/onnx_pb.ts'
import type { Model } from '../read.ts'
import { tensorHeader } from '../tensor.ts'

export type TensorFact = {
  datatype: Datatype
  /** -1 for a dimension that varies. */
  shape: readonly number[]
  /** In one run. */
  bytes: number
}

/** By name. A tensor that is missing cannot pass from one stage to the next. */
export type TensorFacts = ReadonlyMap<string, TensorFact>

/** The facts that the file states: of inputs, outputs, initialisers, and of the tensors in `value_info`. */
export function declaredFacts({ graph }: Model): Map<string, TensorFact> {
  const facts = new Map<string, TensorFact>()
  for (const info of [...graph.valueInfo, ...graph.output, ...graph.input]) {
    const fact = declaredFact(info)
    if (fact) facts.set(info.name, fact)
  }
  for (const tensor of graph.initializer) {
    const header = tensorHeader(tensor, tensor.name)
    if (!header.ok) continue
    const { type, shape, count } = header.value
    if (type.datatype)
      facts.set(tensor.name, { datatype: type.datatype, shape, bytes: Math.ceil((count * type.bits) / 8) })
  }
  return facts
}

function declaredFact({ type }: ValueInfoProto): TensorFact | undefined {
  const element = elementOf(type)
  if (type?.value.case !== 'tensorType' || !element) return undefined
  const { shape } = type.value.value
  if (!shape) return undefined
  const sizes = shape.dim.map(({ value }) =>
    value.case === 'dimValue' && value.value >= 0n ? Number(value.value) : -1,
  )
  return factOf(element, sizes)
}

/** A varying dimension counts as one row. */
function factOf(datatype: Datatype, shape: readonly number[]): TensorFact {
  const count = shape.reduce((product, size) => product * (size === -1 ? 1 : size), 1)
  return { datatype, shape, bytes: count * (datatype === 'BYTES' ? STRING_BYTES : ELEMENT_BYTES[datatype]) }
}

/** A word with its length. */
const STRING_BYTES = 16

/** Undefined for a type that no request carries. */
function elementOf(type: TypeProto | undefined): Datatype | undefined {
  if (type?.value.case !== 'tensorType') return undefined
  const element = elementType(type.value.value.elemType)
  return element?.isServable ? element.datatype : undefined
}
