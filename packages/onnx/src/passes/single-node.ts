/**
 * Single nodes: each node that a recipe rewrites, as a model of its own. Its inputs are those of the node, so a run on
 * them shows the error of this node alone, whatever the others add.
 */
import { create } from '@bufbuild/protobuf'
import type { NodePlace, Recipe } from '@skerry/contract/builds/build'
import type { Body } from '../body.ts'
import {
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  type TensorProto,
  TypeProtoSchema,
  ValueInfoProtoSchema,
} from '../generated/onnx_pb.ts'
import { type Model, readModel } from '../read.ts'
import { accept, type Result } from '../refusal.ts'
import { writeModel } from '../write.ts'
import { FLOAT32 } from './matmul.ts'
import { constantsOf } from './naming.ts'
import { type Change, changeOf } from './pass.ts'
import type { Range } from './qdq/observation.ts'
import { activationsBehind } from './qdq/targets.ts'
import { finishModel } from './recipes.ts'

export type SingleNode = Change & {
  /** The name of the node's result, by which a recipe keeps it in float. */
  key: string
  /** In the prepared model. */
  place: NodePlace
  /** The tensors of the whole model that this model takes, and the one that it gives. */
  inputs: string[]
  output: string
  /** The model of the rewritten node. */
  bytes: Uint8Array<ArrayBuffer>
}

/** The operators that recipes rewrite into fewer bits. */
const OPERATORS: ReadonlySet<string> = new Set(['Conv', 'MatMul', 'Gemm'])

/**
 * The rewritten nodes of the main graph of a prepared model, each as a model of its own.
 *
 * @param ranges of the tensors of the whole model; empty for a recipe without a calibration
 */
export function singleNodes(
  recipe: Recipe,
  prepared: Uint8Array,
  ranges: ReadonlyMap<string, Range>,
): Result<SingleNode[]> {
  const model = readModel(prepared)
  if (!model.ok) return model
  const behind = activationsBehind(model.value)
  const parts = partsOf(model.value)
  const found: SingleNode[] = []
  const { node: nodes } = model.value.graph
  for (const [index, node] of nodes.entries()) {
    if (node.domain !== '' || !OPERATORS.has(node.opType)) continue
    const [key = ''] = node.output
    const joined = parts.producers.get(behind.get(key) ?? '')
    const single = modelOf(model.value, joined ? [node, joined] : [node], parts)
    const rewritten = finishModel(recipe, single.bytes, { ranges, keep: new Set() })
    if (rewritten.ok) {
      const place = { at: index + 1, of: nodes.length }
      found.push({ ...changeOf(node), key, place, ...single, bytes: rewritten.value.bytes })
    }
  }
  return accept(found)
}

type Parts = { producers: ReadonlyMap<string, NodeProto>; constant(name: string): TensorProto | undefined }

function partsOf(model: Model): Parts {
  const { graph } = model
  const body: Body = { nodes: graph.node, graph, function: undefined, parent: undefined }
  const constants = constantsOf(model)
  return {
    producers: new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const))),
    constant: (name) => constants(name, body),
  }
}

/** The chain of nodes as a model, with the constants that it reads. */
function modelOf(whole: Model, nodes: readonly NodeProto[], { constant }: Parts) {
  const within = new Set(nodes.flatMap(({ output }) => output))
  const names = [...new Set(nodes.flatMap(({ input }) => input))].filter((name) => name !== '' && !within.has(name))
  const inputs = names.filter((name) => !constant(name))
  const output = nodes.at(-1)?.output[0] ?? ''
  const graph: GraphProto = create(GraphProtoSchema, {
    name: 'single',
    node: [...nodes],
    initializer: names.flatMap((name) => constant(name) ?? []),
    input: inputs.map(floatOf),
    output: [floatOf(output)],
  })
  const { irVersion, opsetImport } = whole
  return { inputs, output, bytes: writeModel(create(ModelProtoSchema, { irVersion, opsetImport, graph })) }
}

/** A float32 of any shape. */
const floatOf = (name: string) =>
  create(ValueInfoProtoSchema, {
    name,
    type: create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType: FLOAT32 } } }),
  })
