/** Detecting: the operator that makes detections of the tensors of a detector. */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import { type Operator, type Signal, tellBad } from '@skerry/core/flow/signal'
import { type AnswerContent, type DetectionRule, detectionsIn } from '@skerry/core/flow/tensors/detections'
import type { ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import { firstOf, soundOperator } from './operator.ts'

/** `facts`: of the model that answers, as they are now, where the step does not name the classes. */
export function createDetections(step: Extract<FlowStep, { kind: 'detections' }>, facts: () => ModelFacts): Operator {
  return soundOperator((from, out) => {
    const answer = answerIn(firstOf(from))
    if (!answer) return false
    const rule: DetectionRule = { ...step, classes: step.classes ?? facts().classes ?? [] }
    const found = detectionsIn(answer, rule)
    if (!found.ok) return tellBad(out, found.code, found.message)
    out.number = Number.NaN
    out.other = found.detections
    return true
  })
}

function answerIn({ other }: Signal): AnswerContent | undefined {
  return typeof other === 'object' && 'tensors' in other ? other : undefined
}
