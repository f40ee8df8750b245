/** Probe models: forms of a model whose runs show its tensors and the times of its nodes. */
import { clone, create } from '@bufbuild/protobuf'
import { ModelProtoSchema, ValueInfoProtoSchema } from '../generated/onnx_pb.ts'
import type { Model } from '../read.ts'
import { accept, type Result } from '../refusal.ts'
import { writeModel } from '../write.ts'
import { orderNodes } from './order.ts'

export type ProbeModel = { bytes: Uint8Array<ArrayBuffer>; names: string[] }

/** The model with all tensors that may pass between stages as outputs. `names` are these tensors. */
export function tensorProbe(model: Model): Result<ProbeModel> {
  const ordered = orderNodes(model)
  if (!ordered.ok) return ordered
  const names = ordered.value.steps.flatMap(({ writes }) => writes)
  const copy = clone(ModelProtoSchema, model)
  const known = new Set(copy.graph?.output.map(({ name }) => name))
  // The runtime finds the type of an output that states none.
  for (const name of names) if (!known.has(name)) copy.graph?.output.push(create(ValueInfoProtoSchema, { name }))
  return accept({ bytes: writeModel(copy), names })
}

const PREFIX = 'step:'

/** The model with its nodes named by their positions, for the profile of a runtime. */
export function timeProbe(model: Model): Uint8Array<ArrayBuffer> {
  const copy = clone(ModelProtoSchema, model)
  for (const [index, node] of copy.graph?.node.entries() ?? []) node.name = `${PREFIX}${index}`
  return writeModel(copy)
}

/** The position of the node that a line of the profile is about; undefined for a node of a subgraph. */
export function probedNode(name: string): number | undefined {
  const [, index] = /^step:(\d+)_kernel_time$/.exec(name) ?? []
  return index === undefined ? undefined : Number(index)
}
