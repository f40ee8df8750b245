/** Names of a model: names in use, new names, and the constant that a name stands for. */
import { type Body, bodies } from '../body.ts'
import type { TensorProto } from '../generated/onnx_pb.ts'
import type { Model } from '../read.ts'

/** Makes names that no value and no node of the model has. */
export type FreshNames = (wanted: string) => string

export function freshNames(model: Model): FreshNames {
  const taken = new Set<string>()
  for (const { nodes, graph, function: fn } of bodies(model)) {
    for (const { name, input, output } of nodes) for (const used of [name, ...input, ...output]) taken.add(used)
    for (const name of fn?.input ?? []) taken.add(name)
    for (const { name } of [...(graph?.initializer ?? []), ...(graph?.input ?? []), ...(graph?.output ?? [])])
      taken.add(name)
  }
  return (wanted) => {
    let name = wanted
    for (let count = 2; taken.has(name); count++) name = `${wanted}_${count}`
    taken.add(name)
    return name
  }
}

/** The constant tensor that a name stands for inside of a body; undefined if its value is computed or given. */
export type Constants = (name: string, body: Body) => TensorProto | undefined

/** [ONNX IR specification, Graphs] An initialiser that is an input too is a default that a caller may replace. */
export function constantsOf(model: Model): Constants {
  const held = new Map<Body['graph'], Map<string, TensorProto>>()
  const initialisersOf = ({ graph }: Body) => {
    const known = held.get(graph)
    if (known || !graph) return known
    const inputs = new Set(graph.input.map(({ name }) => name))
    const found = new Map(graph.initializer.filter(({ name }) => !inputs.has(name)).map((each) => [each.name, each]))
    held.set(graph, found)
    return found
  }
  for (const body of bodies(model)) initialisersOf(body)
  return (name, from) => {
    for (let body: Body | undefined = from; body; body = body.parent) {
      const found = initialisersOf(body)?.get(name)
      if (found) return found
    }
    return undefined
  }
}

/** How often each name is read, by nodes of any body and as a result. Names of separate bodies share a count. */
export function usesOf(model: Model): Map<string, number> {
  const uses = new Map<string, number>()
  const count = (name: string) => uses.set(name, (uses.get(name) ?? 0) + 1)
  for (const { nodes, graph, function: fn } of bodies(model)) {
    for (const { input } of nodes) for (const name of input) count(name)
    for (const { name } of graph?.output ?? []) count(name)
    for (const name of fn?.output ?? []) count(name)
  }
  return uses
}
