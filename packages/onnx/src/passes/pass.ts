/**
 * Passes: each rewrites a model into another form that computes the same, or nearly the same. A pass changes the model
 * that it gets, and reports the changed nodes, and the nodes that it left, with the reason.
 */
import { type Body, nodeLabel } from '../body.ts'
import type { FunctionProto, GraphProto, NodeProto } from '../generated/onnx_pb.ts'
import { type Model, readModel } from '../read.ts'
import { accept, type Refusal, type Result } from '../refusal.ts'
import { writeModel } from '../write.ts'

/** A node that a pass rewrote. */
export type Change = { node: string; operator: string }

/** A node that a pass could not rewrite. */
export type Skip = Change & { reason: string }

export type PassReport = { pass: string; changed: Change[]; skipped: Skip[] }

/** Undefined if the pass did its work; a refusal leaves a model that is of no use. */
export type Pass = { name: string; apply(model: Model, report: PassReport): Refusal | undefined }

/** The file after all passes, in their order, with a report of each. The bytes given stay as they are. */
export function applyPasses(
  bytes: Uint8Array,
  passes: readonly Pass[],
): Result<{ bytes: Uint8Array<ArrayBuffer>; reports: PassReport[] }> {
  const model = readModel(bytes)
  if (!model.ok) return model
  const reports: PassReport[] = []
  for (const { name, apply } of passes) {
    const report: PassReport = { pass: name, changed: [], skipped: [] }
    const refusal = apply(model.value, report)
    if (refusal) return refusal
    reports.push(report)
  }
  return accept({ bytes: writeModel(model.value), reports })
}

/** How a report names a node. */
export const changeOf = (node: NodeProto): Change => ({ node: nodeLabel(node), operator: node.opType })

/** Replaces the nodes of a body. The nodes of an operator set of the model itself belong to its function. */
export function setNodes(body: Body, nodes: NodeProto[]): void {
  const owner: GraphProto | FunctionProto | undefined = body.graph ?? body.function
  if (owner) owner.node = nodes
}
