/** Images: the operator that makes of a picture what a model is given. */
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import type { Image } from '@skerry/core/equipment/image'
import type { Operator, Signal } from '@skerry/core/flow/signal'
import { tensorOfImage } from '@skerry/core/flow/tensors/image-tensor'
import type { Norms } from '@skerry/core/flow/tensors/norms'
import { firstOf, soundOperator } from './operator.ts'

/** `norms`: those of now. */
export function createImage(step: Extract<FlowStep, { kind: 'image' }>, norms: () => Norms): Operator {
  return soundOperator((from, out) => {
    const image = imageIn(firstOf(from))
    if (!image) return false
    const { mean, std } = norms()
    out.number = Number.NaN
    out.other = tensorOfImage(image, { ...step, mean, std })
    return true
  })
}

function imageIn({ other }: Signal): Image | undefined {
  return typeof other === 'object' && 'data' in other ? other : undefined
}
