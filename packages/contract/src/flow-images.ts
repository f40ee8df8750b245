/** Flow images: what cannot be of pictures in a flow. */
import { type Fault, faultsWhere } from './flow-fault.ts'
import { type FlowStep, TENSOR_NUMBERS_MAX } from './flow-step.ts'

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>

/** Tensors that wait for one model: 64 MB. */
const TENSORS_WAITING_MAX = 16_000_000

export function tensorShape({ layout, width, height }: Of<'image'>, channels: number): readonly number[] {
  return layout === 'nchw' ? [channels, height, width] : [height, width, channels]
}

export function imageFaults({ mean, std, model, width, height }: Of<'image'>, channels: number): Fault[] {
  const isWrong = (values: number[] | undefined) => values !== undefined && ![1, channels].includes(values.length)
  return faultsWhere([
    [(mean === undefined) !== (std === undefined), 'std', 'mean and std belong together'],
    [mean !== undefined && model !== undefined, 'model', 'mean and std are either given, or the model knows them'],
    [isWrong(mean), 'mean', `must have 1 or ${channels} numbers`],
    [isWrong(std), 'std', `must have 1 or ${channels} numbers`],
    [width * height * channels > TENSOR_NUMBERS_MAX, 'width', `gives a model more than ${TENSOR_NUMBERS_MAX} numbers`],
  ])
}

/** `sizes`: how many numbers the pictures are that a model is asked about; 0 for what is none. */
export function waitingFaults({ queue, batchMax }: Of<'model'>, sizes: readonly number[]): Fault[] {
  const numbers = sizes.reduce((sum, size) => sum + size, 0)
  if (numbers === 0) return []
  const most = Math.floor(TENSORS_WAITING_MAX / numbers)
  const message = `of pictures of this size ${most} may wait or be asked about: say queue: { max: ${Math.max(1, most - batchMax)} }, or less`
  return faultsWhere([[queue.max + batchMax > most, 'queue', message]])
}
