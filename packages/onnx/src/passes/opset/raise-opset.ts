/**
 * Raises the operator set of a model to a newer one: each operator that changed its form in between is written anew.
 * An operator that changed in a way that is not known here stops the pass, and is named.
 */
import { bodies, nodeLabel } from '../../body.ts'
import type { TensorProto } from '../../generated/onnx_pb.ts'
import { domainOf } from '../../operators.ts'
import type { Model } from '../../read.ts'
import { type Refusal, rejectModel } from '../../refusal.ts'
import { freshNames } from '../naming.ts'
import { changeOf, type Pass, type PassReport, setNodes } from '../pass.ts'
import { changes, type Rewriting, type Rewritten } from './changes.ts'

/** [ONNX operators] The first set in which `QuantizeLinear` has a scale for each channel. */
export const OPSET_13 = 13

/** [ONNX operators] Changes from older sets are not known here: exporters have not written them since 2018. */
const OPSET_MIN = 7

/** [ONNX, Versioning] The file format that belongs to operator set 13. */
const IR_OF_OPSET_13 = 7n

/** Raises the default operator set to 13. A model that has it, or a newer one, stays as it is. */
export const raiseOpset: Pass = {
  name: 'raise-opset',
  apply(model, report) {
    const held = model.opsetImport.find(({ domain }) => domainOf(domain) === 'ai.onnx')
    const from = Number(held?.version ?? OPSET_13)
    if (!held || from >= OPSET_13) return undefined
    if (from < OPSET_MIN) return unable(`its operator set ${from} is older than ${OPSET_MIN}`)
    if (model.functions.length > 0) return unable('it has functions of its own')
    const refusal = rewriteAll(model, from, report)
    if (refusal) return refusal
    held.version = BigInt(OPSET_13)
    if (model.irVersion < IR_OF_OPSET_13) model.irVersion = IR_OF_OPSET_13
    return undefined
  },
}

const unable = (why: string): Refusal =>
  rejectModel('model_opset_unsupported', `the model cannot be raised to operator set ${OPSET_13}: ${why}`)

function rewriteAll(model: Model, from: number, report: PassReport): Refusal | undefined {
  const fresh = freshNames(model)
  const store = (tensor: TensorProto) => model.graph.initializer.push(tensor)
  for (const body of bodies(model)) {
    const rewritten = body.nodes.map((node) => ({ node, result: rewrite({ node, from, fresh, store }) }))
    for (const { node, result } of rewritten) {
      if (result && 'reason' in result) return unable(`${nodeLabel(node)} ${result.reason}`)
      if (result) report.changed.push(changeOf(node))
    }
    setNodes(
      body,
      rewritten.flatMap(({ node, result }) => (result && 'nodes' in result ? result.nodes : [node])),
    )
  }
  return undefined
}

/** Undefined if the operator has the same form in both sets. */
function rewrite(rewriting: Rewriting): Rewritten | undefined {
  const { node, from } = rewriting
  const change = node.domain === '' ? changes.get(node.opType) : undefined
  return change && from < change.since ? change.rewrite(rewriting) : undefined
}
