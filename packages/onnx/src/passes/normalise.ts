/**
 * Normalise: brings a model into the form that the other passes expect, without a change to any of its numbers.
 * Constants become initialisers, defaults that no caller gives become constants, and unread nodes are dropped.
 */
import { type Body, bodies } from '../body.ts'
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type NodeProto,
  type TensorProto,
} from '../generated/onnx_pb.ts'
import type { Model } from '../read.ts'
import { writeTensor } from '../tensor.ts'
import { usesOf } from './naming.ts'
import { changeOf, type Pass, type PassReport, setNodes } from './pass.ts'

export const normalise: Pass = {
  name: 'normalise',
  apply(model, report) {
    // [ONNX IR specification, Graphs] Before version 4, an initialiser had to be an input, and was no constant.
    if (model.irVersion < 4n) model.irVersion = 4n
    dropDefaults(model)
    for (const body of bodies(model)) liftConstants(body, report)
    for (const body of [...bodies(model)].reverse()) joinIdentities(model, body, report)
    dropUnread(model, report)
    return undefined
  },
}

/** Skerry serves a model without its defaults as inputs, so they are constants. */
function dropDefaults({ graph }: Model) {
  const initialised = new Set(graph.initializer.map(({ name }) => name))
  graph.input = graph.input.filter(({ name }) => !initialised.has(name))
}

function liftConstants(body: Body, report: PassReport) {
  const { graph } = body
  if (!graph) return
  const results = new Set(graph.output.map(({ name }) => name))
  const kept: NodeProto[] = []
  for (const node of graph.node) {
    const name = node.output[0] ?? ''
    const tensor = results.has(name) ? undefined : constantOf(node, name)
    if (!tensor) {
      kept.push(node)
      continue
    }
    graph.initializer.push(tensor)
    report.changed.push(changeOf(node))
  }
  setNodes(body, kept)
}

/** [ONNX operators, Constant] One of several attributes has the value. Sparse ones and strings stay as they are. */
function constantOf({ opType, domain, attribute }: NodeProto, name: string): TensorProto | undefined {
  const [value] = attribute
  if (opType !== 'Constant' || domain !== '' || !value || attribute.length > 1) return undefined
  if (value.type !== AttributeType.TENSOR || !value.t) return numbersOf(name, value)
  value.t.name = name
  return value.t
}

function numbersOf(name: string, { name: kind, f, i, floats, ints }: AttributeProto): TensorProto | undefined {
  if (kind === 'value_float') return floatTensor(name, [], [f])
  if (kind === 'value_floats') return floatTensor(name, [floats.length], floats)
  if (kind === 'value_int') return intTensor(name, [], [i])
  if (kind === 'value_ints') return intTensor(name, [ints.length], ints)
  return undefined
}

const floatTensor = (name: string, shape: number[], values: readonly number[]) =>
  writeTensor(name, { datatype: 'FP32', shape, data: new Uint8Array(Float32Array.from(values).buffer) })

const intTensor = (name: string, shape: number[], values: readonly bigint[]) =>
  writeTensor(name, { datatype: 'INT64', shape, data: new Uint8Array(BigInt64Array.from(values).buffer) })

/** A constant behind an `Identity` is read directly. */
function joinIdentities(model: Model, body: Body, report: PassReport) {
  const { graph } = body
  if (!graph) return
  const constants = new Set(graph.initializer.map(({ name }) => name))
  const results = new Set(graph.output.map(({ name }) => name))
  const sources = new Map<string, string>()
  const kept = graph.node.filter((node) => {
    const [from = ''] = node.input
    const [to = ''] = node.output
    const source = sources.get(from) ?? from
    if (node.opType !== 'Identity' || node.domain !== '' || !constants.has(source) || results.has(to)) return true
    sources.set(to, source)
    report.changed.push(changeOf(node))
    return false
  })
  if (sources.size === 0) return
  setNodes(body, kept)
  for (const { nodes } of bodiesWithin(model, body))
    for (const node of nodes) node.input = node.input.map((name) => sources.get(name) ?? name)
}

/** The body, and all bodies that see its names. */
function* bodiesWithin(model: Model, outer: Body): Generator<Body> {
  for (const body of bodies(model))
    for (let at: Body | undefined = body; at; at = at.parent) if (at.graph === outer.graph) yield body
}

/** Drops nodes whose results nothing reads, and then the initialisers of which the same is true. */
function dropUnread(model: Model, report: PassReport) {
  for (let isChanged = true; isChanged; ) {
    isChanged = false
    const uses = usesOf(model)
    for (const body of bodies(model)) {
      const kept = body.nodes.filter(({ output }) => output.some((name) => uses.has(name)))
      if (kept.length === body.nodes.length) continue
      isChanged = true
      const gone = body.nodes.filter((node) => !kept.includes(node))
      report.changed.push(...gone.map(changeOf))
      setNodes(body, kept)
    }
  }
  dropUnreadInitialisers(model)
}

/** Drops the initialisers that nothing reads any more. */
export function dropUnreadInitialisers(model: Model): void {
  const uses = usesOf(model)
  for (const { graph } of bodies(model))
    if (graph) graph.initializer = graph.initializer.filter(({ name }) => uses.has(name))
}
