/** Flow images: what cannot be of pictures in a flow. */
import { type Fault, faultsWhere } from './flow-fault.ts'
import { type FlowStep, TENSOR_NUMBERS_MAX } from './flow-step.ts'

type Of<Kind extends FlowStep['kind']> = Extract<FlowStep, { kind: Kind }>

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
