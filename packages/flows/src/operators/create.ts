/** Creates the operator of each kind of step. Models have no operator here, because the host answers for them. */
import type { FlowShape } from '@skerry/contract/flows/flow-shape'
import type { FlowStep } from '@skerry/contract/flows/flow-step'
import type { Operator } from '@skerry/core/flow/signal'
import type { ModelFacts } from '@skerry/core/flow/tensors/model-facts'
import type { Norms } from '@skerry/core/flow/tensors/norms'
import { createAlign, createConcat, createResample } from './combining.ts'
import { createThreshold, createVotes } from './deciding.ts'
import { createDetections } from './detecting.ts'
import { createExpression, createFilter } from './expressions.ts'
import { createImage } from './images.ts'
import { createConvert, createDifference, createLag, createLookup, createNormalise, createOneHot } from './values.ts'
import { createFft, createStatistics, createWindow } from './windows.ts'

export type SoundStep = Exclude<FlowStep, { kind: 'model' | 'ask' }>

/** `first`: the shape of the step's first signal. `facts`: the current metadata of the model that the step uses. */
export function createOperator(step: SoundStep, first: FlowShape, facts: () => ModelFacts): Operator {
  switch (step.kind) {
    case 'convert':
      return createConvert(step)
    case 'filter':
      return createFilter(step)
    case 'resample':
      return createResample(step)
    case 'align':
      return createAlign(step)
    case 'concat':
      return createConcat()
    case 'window':
      return createWindow(step, first.kind === 'vector' ? first.length : 1)
    case 'statistics':
      return createStatistics(step)
    case 'fft':
      return createFft(step, first)
    case 'lag':
      return createLag(step)
    case 'difference':
      return createDifference(step)
    case 'one-hot':
      return createOneHot(step)
    case 'lookup':
      return createLookup(step, () => facts().table)
    case 'normalise':
      return createNormalise(() => facts().norms ?? normsIn(step))
    case 'image':
      return createImage(step, () => facts().norms ?? normsIn(step))
    case 'detections':
      return createDetections(step, facts)
    case 'expression':
      return createExpression(step)
    case 'threshold':
      return createThreshold(step)
    case 'k-of-n':
      return createVotes(step)
  }
}

const normsIn = ({ mean = [0], std = [1] }: Extract<SoundStep, { kind: 'normalise' | 'image' }>): Norms => ({
  mean,
  std,
})
