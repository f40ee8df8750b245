/** Operations: the nodes of a model in plain parts, on which differentiation works. */

import { nodeLabel } from '../body.ts'
import type { AttributePart, NodePart } from '../build.ts'
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
} from '../generated/onnx_pb.ts'
import { readTensor } from '../tensor.ts'
import type { TrainingRefusal, TrainingRefusalCode } from './plan.ts'

export type Attributes = Readonly<Record<string, AttributePart>>

/** `label` names the user's node in messages. */
export type Operation = NodePart & { attributes: Attributes; label: string }

/** A whole number of an operation, or the default of its operator. */
export function intOf({ attributes }: Operation, name: string, fallback: number): number {
  const part = attributes[name]
  return part && 'int' in part ? part.int : fallback
}

export function intsOf({ attributes }: Operation, name: string): readonly number[] | undefined {
  const part = attributes[name]
  return part && 'ints' in part ? part.ints : undefined
}

export function floatOf({ attributes }: Operation, name: string, fallback: number): number {
  const part = attributes[name]
  return part && 'float' in part ? part.float : fallback
}

export function textOf({ attributes }: Operation, name: string, fallback: string): string {
  const part = attributes[name]
  return part && 'text' in part ? part.text : fallback
}

/** An axis that counts from the end, as one that counts from the start. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis)

/** The refusal that names an operation. */
export const refuseOperation = (
  code: TrainingRefusalCode,
  { operator, label }: Pick<Operation, 'operator' | 'label'>,
  why: string,
): TrainingRefusal => ({ refused: code, message: `${label} ${why}`, operator, node: label })

/** The node in plain parts. Subgraphs and values that no differentiable operator has are refused by their name. */
export function operationOf(node: NodeProto): Operation | TrainingRefusal {
  const label = nodeLabel(node)
  const attributes: Record<string, AttributePart> = {}
  for (const attribute of node.attribute) {
    const part = partOf(attribute)
    if (part === 'graph') return refuseOperation('unsupported_subgraph', { operator: node.opType, label }, SUBGRAPH)
    if (part === undefined) {
      const why = `has the attribute ${JSON.stringify(attribute.name)}, whose type cannot be trained`
      return refuseOperation('unsupported_setting', { operator: node.opType, label }, why)
    }
    attributes[attribute.name] = part
  }
  const domain = node.domain === '' ? {} : { domain: node.domain }
  return { operator: node.opType, ...domain, inputs: node.input, outputs: node.output, attributes, label }
}

const SUBGRAPH = 'has a subgraph, and only models without branches and loops can be trained'

function partOf({ type, f, i, s, floats, ints, t, g, graphs }: AttributeProto): AttributePart | 'graph' | undefined {
  if (g || graphs.length > 0) return 'graph'
  if (type === AttributeType.FLOAT) return { float: f }
  if (type === AttributeType.INT) return { int: Number(i) }
  if (type === AttributeType.STRING) return { text: new TextDecoder().decode(s) }
  if (type === AttributeType.FLOATS) return { floats }
  if (type === AttributeType.INTS) return { ints: ints.map(Number) }
  const tensor = t && readTensor(t)
  return tensor?.ok ? { tensor: tensor.value } : undefined
}
