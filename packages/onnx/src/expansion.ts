/**
 * How many nodes a model has for the runtime, which writes the body of a function out at every call. A function that
 * calls another twice doubles it, so a file of a kilobyte can stand for billions of nodes. They are counted here by
 * multiplication, without writing any out.
 */
import { bodies } from './body.ts'
import { domainOf } from './operators.ts'
import type { Model } from './read.ts'
import { type Refusal, rejectModel } from './refusal.ts'

/**
 * The largest language models that exporters write with functions stand for some 20,000 nodes. Measured: onnxruntime
 * 1.30 loads 65,000 nodes of nested functions in 16 s on one core, 130,000 in 43 s. A model that has more nodes without
 * functions loads faster, and is let through.
 */
const EXPANDED_NODES_MAX = 100_000

/** Exporters make a function of each module of a network, and those nest some 20 deep. */
const CALL_DEPTH_MAX = 100

/** The nodes in the graph or in one function, its subgraphs included, and how often it calls each function. */
type Callable = { nodes: number; calls: Map<string, number> }

type Expansion = { nodes: number; depth: number }

/** Why the functions of the model are too much for the runtime; undefined when they are not. */
export function checkExpansion(model: Model): Refusal | undefined {
  if (model.functions.length === 0) return undefined
  const callables = callablesOf(model)
  const expansion = expand(GRAPH, callables, new Map(), 0)
  if (expansion.depth > CALL_DEPTH_MAX) {
    const why = `functions call each other more than ${CALL_DEPTH_MAX} deep, or a function calls itself`
    return rejectModel('model_too_complex', `${why}; export the model with fewer functions`)
  }
  const written = [...callables.values()].reduce((sum, { nodes }) => sum + nodes, 0)
  if (expansion.nodes <= Math.max(EXPANDED_NODES_MAX, written)) return undefined
  return rejectModel(
    'model_too_complex',
    `the functions of the model expand to ${describeCount(expansion.nodes)} nodes, and ${describeCount(EXPANDED_NODES_MAX)} are accepted; export it with fewer calls`,
  )
}

/** No function has this key: a key names a domain, which is never empty. */
const GRAPH = ''

function callablesOf(model: Model): Map<string, Callable> {
  const callables = new Map<string, Callable>([[GRAPH, { nodes: 0, calls: new Map() }]])
  for (const fn of model.functions) callables.set(keyOf(fn), { nodes: 0, calls: new Map() })
  for (const body of bodies(model)) {
    const callable = callables.get(body.function ? keyOf(body.function) : GRAPH)
    if (!callable) continue
    for (const { domain, opType, overload } of body.nodes) {
      const called = keyOf({ domain, name: opType, overload })
      callable.nodes += 1
      if (callables.has(called)) callable.calls.set(called, (callable.calls.get(called) ?? 0) + 1)
    }
  }
  return callables
}

/** [ONNX IR specification, Functions] Domain, name and overload identify a function. */
const keyOf = ({ domain, name, overload }: { domain: string; name: string; overload: string }) =>
  [domainOf(domain), name, overload].join('\0')

/**
 * Each function is counted once. A call counts beside the nodes that it stands for, because replacing it costs the
 * runtime as much.
 */
function expand(
  key: string,
  callables: ReadonlyMap<string, Callable>,
  known: Map<string, Expansion>,
  above: number,
): Expansion {
  const before = known.get(key)
  if (before) return before
  const expansion = { nodes: callables.get(key)?.nodes ?? 0, depth: 0 }
  // A function that calls itself ends here, too: the number of its nodes is not finite.
  if (above > CALL_DEPTH_MAX) return { nodes: 0, depth: above }
  for (const [called, times] of callables.get(key)?.calls ?? []) {
    const inner = expand(called, callables, known, above + 1)
    expansion.nodes += times * inner.nodes
    expansion.depth = Math.max(expansion.depth, inner.depth + 1)
  }
  known.set(key, expansion)
  return expansion
}

function describeCount(count: number): string {
  if (count > Number.MAX_SAFE_INTEGER) return `more than ${describeCount(Number.MAX_SAFE_INTEGER)}`
  return count.toLocaleString('en')
}
