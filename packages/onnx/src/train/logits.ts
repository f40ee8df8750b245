/** The tensor that the loss reads: the named one, or the logits behind the only output. */
import type { OperatorSetIdProto } from '../generated/onnx_pb.ts'
import type { Model } from '../read.ts'
import { quote } from '../refusal.ts'
import type { Operation } from './operation.ts'
import type { TrainingLoss, TrainingPlan, TrainingRefusal } from './plan.ts'

export const isOfDefaultDomain = ({ domain }: Pick<OperatorSetIdProto, 'domain'>): boolean =>
  domain === '' || domain === 'ai.onnx'

export function logitsOf(model: Model, operations: readonly Operation[], plan: TrainingPlan): string | TrainingRefusal {
  const outputs = model.graph.output.map(({ name }) => name)
  if (plan.output !== undefined) {
    const isKnown = operations.some(({ outputs: own }) => own.includes(plan.output ?? ''))
    return isKnown ? plan.output : unknown(`the model computes no tensor ${quote(plan.output)}`)
  }
  const [only = ''] = outputs
  if (outputs.length !== 1)
    return unknown(`the model has ${outputs.length} outputs; name one of ${outputs.map(quote).join(', ')}`)
  return stepOver(only, operations, LAST_STEPS[plan.loss])
}

const unknown = (message: string): TrainingRefusal => ({ refused: 'unknown_output', message })

/** The losses take logits: computing them from probabilities would lose precision. */
const LAST_STEPS: Readonly<Record<TrainingLoss, readonly string[]>> = {
  'cross-entropy': ['Softmax', 'LogSoftmax'],
  binary: ['Sigmoid'],
  mse: [],
  huber: [],
}

function stepOver(output: string, operations: readonly Operation[], steps: readonly string[]): string {
  const producer = (name: string) => operations.find(({ outputs }) => outputs[0] === name)
  const last = producer(output)
  if (!last || !isOfDefaultDomain({ domain: last.domain ?? '' })) return output
  const [source = ''] = last.inputs
  if (steps.includes(last.operator)) return source
  // A Softmax of an old operator set has been written between Flatten and Reshape.
  const before = last.operator === 'Reshape' ? producer(source) : undefined
  return before && steps.includes(before.operator) ? (before.inputs[0] ?? output) : output
}
