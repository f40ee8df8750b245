/** Flow model: what cannot be of a step that asks a model, and what it gives. */
import { type Fault, faultsWhere } from './flow-fault.ts'
import { type FlowShape, numbers } from './flow-shape.ts'
import type { FlowStep } from './flow-step.ts'

type ModelStep = Extract<FlowStep, { kind: 'model' }>

/** Tensors that wait for one model: 64 MB. */
const TENSORS_WAITING_MAX = 16_000_000

export function modelShape({ as, output }: ModelStep, from: readonly FlowShape[]): FlowShape {
  if (output.tensors) {
    return { kind: 'answer', tensors: output.tensors.length, pictures: from.filter(isPicture).length }
  }
  return numbers(as === 'rows' ? from.length : (output.length ?? 1))
}

const isPicture = ({ kind }: FlowShape) => kind === 'tensor'

export function modelFaults(step: ModelStep, from: readonly FlowShape[]): Fault[] {
  const { inputs, as, output } = step
  const sizes = new Set(from.map((shape) => JSON.stringify(shape)))
  const isRows = as === 'rows'
  return [
    ...faultsWhere([
      [
        !isRows && inputs !== undefined && inputs.length !== from.length,
        'inputs',
        'must name an input for each signal',
      ],
      [isRows && (inputs?.length ?? 1) !== 1, 'inputs', 'rows are all for one input'],
      [isRows && sizes.size > 1, 'from', 'rows of one batch must all have the same shape'],
      [isRows && output.length !== undefined, 'output', 'of rows, one element each is taken: say which by its index'],
      [
        from.some((shape) => shape.kind === 'window' && !shape.isExact),
        'from',
        'a model needs a window by count: its shape is fixed',
      ],
    ]),
    ...tensorFaults(step),
    ...waitingFaults(step, from.map(tensorSize)),
  ]
}

/** Nobody knows how the tensors of several questions would be told apart: each model has its own way. */
function tensorFaults({ as, batchMax, output: { tensors, name, index, length } }: ModelStep): Fault[] {
  if (!tensors) return []
  const isPicked = name !== undefined || index !== 0 || length !== undefined
  return faultsWhere([
    [isPicked, 'output', 'tensors are given as they are: name, index and length are for what is picked of one'],
    [as === 'rows' || batchMax > 1, 'output', 'tensors are those of one question: no rows, and batchMax is 1'],
  ])
}

const tensorSize = (shape: FlowShape) => (shape.kind === 'tensor' ? shape.shape.reduce((a, b) => a * b, 1) : 0)

/** `sizes`: how many numbers the pictures are that a model is asked about; 0 for what is none. */
function waitingFaults({ queue, batchMax }: ModelStep, sizes: readonly number[]): Fault[] {
  const numbers = sizes.reduce((sum, size) => sum + size, 0)
  if (numbers === 0) return []
  const most = Math.floor(TENSORS_WAITING_MAX / numbers)
  const message = `of pictures of this size ${most} may wait or be asked about: say queue: { max: ${Math.max(1, most - batchMax)} }, or less`
  return faultsWhere([[queue.max + batchMax > most, 'queue', message]])
}
