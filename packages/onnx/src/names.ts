/**
 * Checks that every name in a model is defined once and every use has a definition.
 * [ONNX IR specification, Names Within a Graph] Order and cycles are left to the runtime.
 */
import { type Body, bodies, nodeLabel } from './body.ts'
import type { Model } from './read.ts'
import { quote, type Refusal, rejectModel } from './refusal.ts'

/** Undefined when the names are right. */
export function checkNames(model: Model): Refusal | undefined {
  const defined = new Map<Body, ReadonlySet<string>>()
  for (const body of bodies(model)) {
    const names = definitions(body)
    if (!(names instanceof Set)) return names
    defined.set(body, names)
    const flaw = checkNodeNames(body) ?? checkOutputs(body, names) ?? checkUses(body, defined)
    if (flaw) return flaw
  }
  return undefined
}

function definitions({ graph, function: fn, nodes }: Body): Set<string> | Refusal {
  const inputs = graph ? graph.input.map(({ name }) => name) : (fn?.input ?? [])
  const initialisers = [
    ...(graph?.initializer ?? []).map(({ name }) => name),
    ...(graph?.sparseInitializer ?? []).map(({ values }) => values?.name ?? ''),
  ]
  const twice = firstRepeated(inputs)
  if (twice !== undefined) return duplicate(`two inputs are called ${quote(twice)}`)
  const twiceInitialised = firstRepeated(initialisers)
  if (twiceInitialised !== undefined) return duplicate(`two initialisers are called ${quote(twiceInitialised)}`)
  const names = new Set([...inputs, ...initialisers])
  for (const node of nodes) {
    for (const output of node.output) {
      if (output === '') continue
      if (names.has(output)) return duplicate(`${nodeLabel(node)} gives ${quote(output)}, which is defined already`)
      names.add(output)
    }
  }
  return names
}

/** onnxruntime rejects two nodes of one name. */
function checkNodeNames({ nodes }: Body): Refusal | undefined {
  const twice = firstRepeated(nodes.map(({ name }) => name))
  return twice === undefined ? undefined : duplicate(`two nodes are called ${quote(twice)}`)
}

function checkOutputs({ graph, function: fn, parent }: Body, names: ReadonlySet<string>): Refusal | undefined {
  const outputs = graph ? graph.output.map(({ name }) => name) : (fn?.output ?? [])
  const twice = firstRepeated(outputs)
  if (twice !== undefined) return duplicate(`two outputs are called ${quote(twice)}`)
  // A branch may give back a value of the graph around it.
  const missing = parent ? undefined : outputs.find((name) => name !== '' && !names.has(name))
  return missing === undefined
    ? undefined
    : rejectModel('model_not_onnx', `output ${quote(missing)} is not computed by any node`)
}

function checkUses(body: Body, defined: ReadonlyMap<Body, ReadonlySet<string>>): Refusal | undefined {
  for (const node of body.nodes) {
    const unknown = node.input.find((name) => name !== '' && !isVisible(name, body, defined))
    if (unknown !== undefined) {
      return rejectModel('model_not_onnx', `${nodeLabel(node)} reads ${quote(unknown)}, which nothing defines`)
    }
  }
  return undefined
}

function isVisible(name: string, from: Body, defined: ReadonlyMap<Body, ReadonlySet<string>>): boolean {
  for (let body: Body | undefined = from; body; body = body.parent) {
    if (defined.get(body)?.has(name)) return true
  }
  return false
}

/** Empty names stand for "left out" and repeat freely. */
function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>()
  for (const name of names) {
    if (name !== '' && seen.has(name)) return name
    seen.add(name)
  }
  return undefined
}

const duplicate = (what: string) => rejectModel('model_not_onnx', `${what}; every name must be defined once`)
