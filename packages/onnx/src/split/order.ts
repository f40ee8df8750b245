/**
 * Order: the nodes of the main graph in an order in which each comes after the nodes that it reads from, with the names
 * that each reads and writes. A node with subgraphs is one whole: it reads all that they take from around them.
 */
import type { GraphProto, NodeProto } from '../generated/onnx_pb.ts'
import type { Model } from '../read.ts'
import { accept, type Result, rejectModel } from '../refusal.ts'

export type Placed = {
  node: NodeProto
  /** Its position in the file. */
  index: number
  reads: ReadonlySet<string>
  writes: readonly string[]
}

export type Ordered = {
  /** Nodes that depend on an input of the model, or on chance. Stages share them out. */
  steps: readonly Placed[]
  /** Nodes that compute the same in every run. Each stage gets its own copy of those that it needs. */
  constants: readonly Placed[]
  /** The names of initialisers, and of the results of `constants`. */
  fixed: ReadonlySet<string>
}

/** [ONNX operators] The operators whose results differ from run to run, though their inputs do not. */
const BY_CHANCE: ReadonlySet<string> = new Set([
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
])

export function orderNodes({ graph }: Model): Result<Ordered> {
  const placed = graph.node.map((node, index): Placed => {
    return { node, index, reads: readsOf(node), writes: node.output.filter((name) => name !== '') }
  })
  const sorted = sortNodes(placed)
  if (!sorted) return rejectModel('model_not_onnx', 'the nodes of the model read from each other in a circle')
  const fixed = new Set(graph.initializer.map(({ name }) => name))
  for (const { values } of graph.sparseInitializer) fixed.add(values?.name ?? '')
  const steps: Placed[] = []
  const constants: Placed[] = []
  for (const each of sorted) {
    const isConstant = !isByChance(each.node) && [...each.reads].every((name) => fixed.has(name))
    if (isConstant) for (const name of each.writes) fixed.add(name)
    const list = isConstant ? constants : steps
    list.push(each)
  }
  return accept({ steps, constants, fixed })
}

/** A subgraph may draw a number, too. */
const isByChance = (node: NodeProto): boolean =>
  BY_CHANCE.has(node.opType) || subgraphsOf(node).some((graph) => graph.node.some(isByChance))

/** The order of the file, except for nodes that stand before a node that they read. Undefined if there is a circle. */
function sortNodes(placed: readonly Placed[]): Placed[] | undefined {
  const writers = new Map(placed.flatMap((each) => each.writes.map((name) => [name, each] as const)))
  const sorted: Placed[] = []
  const states = new Map<Placed, 'open' | 'done'>()
  for (const start of placed) {
    // A stack of its own: a chain of nodes may be longer than calls may nest.
    const stack = [start]
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const state = states.get(top)
      if (state !== undefined) {
        stack.pop()
        if (state === 'open') sorted.push(top)
        states.set(top, 'done')
        continue
      }
      states.set(top, 'open')
      const needed = [...top.reads].flatMap((name) => writers.get(name) ?? [])
      if (needed.some((each) => states.get(each) === 'open')) return undefined
      stack.push(...needed.filter((each) => !states.has(each)))
    }
  }
  return sorted
}

/** The names that the node takes from the main graph. Empty names stand for inputs that are left out. */
function readsOf(node: NodeProto): Set<string> {
  const reads = new Set(node.input.filter((name) => name !== ''))
  for (const graph of subgraphsOf(node)) for (const name of capturesOf(graph)) reads.add(name)
  return reads
}

const subgraphsOf = ({ attribute }: NodeProto): GraphProto[] =>
  attribute.flatMap(({ g, graphs }) => [g ?? [], graphs].flat())

/** [ONNX IR specification, Names Within a Graph] The names that a subgraph uses and does not define. */
function capturesOf(graph: GraphProto): Set<string> {
  const own = new Set([...graph.input, ...graph.initializer].map(({ name }) => name))
  for (const { values } of graph.sparseInitializer) own.add(values?.name ?? '')
  for (const name of graph.node.flatMap(({ output }) => output)) own.add(name)
  const used = [...graph.node.flatMap((node) => [...readsOf(node)]), ...graph.output.map(({ name }) => name)]
  return new Set(used.filter((name) => !own.has(name)))
}
