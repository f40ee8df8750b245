/** Walks all the places of a model that hold nodes: its graph, its functions, and the graphs inside their nodes. */
import type { FunctionProto, GraphProto, NodeProto, SparseTensorProto, TensorProto } from './generated/onnx_pb.ts'
import type { Model } from './read.ts'
import { quote } from './refusal.ts'

/** One list of nodes. A subgraph sees the names of its parent; a function sees only its own. */
export type Body = {
  nodes: readonly NodeProto[]
  graph: GraphProto | undefined
  function: FunctionProto | undefined
  parent: Body | undefined
}

/** Parents come before their children. Depth is bounded by the decoder, so the walk is too. */
export function* bodies(model: Model): Generator<Body> {
  yield* within({ nodes: model.graph.node, graph: model.graph, function: undefined, parent: undefined })
  for (const fn of model.functions) yield* within({ nodes: fn.node, graph: undefined, function: fn, parent: undefined })
}

function* within(body: Body): Generator<Body> {
  yield body
  for (const node of body.nodes) {
    for (const graph of node.attribute.flatMap(({ g, graphs }) => listOf(g, graphs))) {
      yield* within({ nodes: graph.node, graph, function: body.function, parent: body })
    }
  }
}

/** A tensor that the file holds, and its name in a message. `isParameter` is false for settings of operators. */
export type StoredTensor = { tensor: TensorProto; label: string; isParameter: boolean }

/** All tensors of the model; of a sparse one its values (the parameters) and its indices. */
export function* storedTensors(model: Model): Generator<StoredTensor> {
  for (const { graph, nodes } of bodies(model)) {
    for (const tensor of graph?.initializer ?? []) {
      yield { tensor, label: `initialiser ${quote(tensor.name)}`, isParameter: true }
    }
    for (const sparse of graph?.sparseInitializer ?? []) {
      yield* sparseTensors(sparse, `sparse initialiser ${quote(sparse.values?.name ?? '')}`, true)
    }
    for (const node of nodes) yield* attributeTensors(node)
  }
}

function* attributeTensors(node: NodeProto): Generator<StoredTensor> {
  const isParameter = node.opType === 'Constant'
  for (const attribute of node.attribute) {
    const label = `attribute ${quote(attribute.name)} of ${nodeLabel(node)}`
    for (const tensor of listOf(attribute.t, attribute.tensors)) yield { tensor, label, isParameter }
    for (const sparse of listOf(attribute.sparseTensor, attribute.sparseTensors))
      yield* sparseTensors(sparse, label, isParameter)
  }
}

function* sparseTensors(
  { values, indices }: SparseTensorProto,
  label: string,
  isParameter: boolean,
): Generator<StoredTensor> {
  if (values) yield { tensor: values, label, isParameter }
  if (indices) yield { tensor: indices, label, isParameter: false }
}

/** An attribute holds one, or a list. */
const listOf = <Item>(one: Item | undefined, more: readonly Item[]) => (one === undefined ? more : [one, ...more])

/** Nodes need no name; the first output, which is unique, identifies a node without one. */
export function nodeLabel(node: NodeProto): string {
  const name = node.name || node.output[0]
  return name ? `node ${quote(name)} (${operatorLabel(node)})` : `a node (${operatorLabel(node)})`
}

const operatorLabel = ({ opType, domain }: NodeProto) =>
  quote(domain === '' ? opType : `${domain}:${opType}`).slice(1, -1)
