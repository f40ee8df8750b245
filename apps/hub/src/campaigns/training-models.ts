/** Training models: the models of a campaign that devices run, made from the base version. */
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { joinWeights } from '@skerry/core/campaigns/weights'
import { evaluationModel } from '@skerry/onnx/train/evaluation-model'
import { readParameters, writeParameters } from '@skerry/onnx/train/parameters'
import { isTrainingRefusal, type TrainingPlan } from '@skerry/onnx/train/plan'
import { trainingModel } from '@skerry/onnx/train/training-model'
import { problem } from '../http/problem.ts'
import type { CampaignParameter } from '../store/tables/learning/campaign-tables.ts'

export type TrainingModels = {
  training: Uint8Array
  evaluation: Uint8Array
  parameters: CampaignParameter[]
  /** The weights of the base version, in the order of the parameters. */
  weights: Float32Array
}

/** Throws the contract's problem if the model cannot be trained, or does not fit the data. */
export function makeTrainingModels(model: Uint8Array, { data, training }: CampaignSpec): TrainingModels {
  const plan: TrainingPlan = {
    loss: training.loss,
    optimiser: { name: 'sgd' },
    ...(training.proximal !== undefined && { proximal: true }),
    input: {
      dataType: data.type,
      ...(data.scale !== undefined && { scale: data.scale }),
      ...(data.offset !== undefined && { offset: data.offset }),
    },
    batchSize: training.batchSize,
  }
  const made = trainingModel(model, plan)
  if (isTrainingRefusal(made)) throw problem('campaign_refused', made.message)
  const evaluation = evaluationModel(model, plan)
  if (isTrainingRefusal(evaluation)) throw problem('campaign_refused', evaluation.message)
  refuseMisfit(made, data)
  const parameters = made.parameters.map(({ name, shape, elements }) => ({ name, shape, elements }))
  const read = readParameters(
    model,
    parameters.map(({ name }) => name),
  )
  const weights = joinWeights(read, parameters)
  if (!weights) throw new Error('the parameters of the model have not the sizes of its training model')
  return { training: made.bytes, evaluation: evaluation.bytes, parameters, weights }
}

type Made = { input: { shape: number[] }; classes?: number }

function refuseMisfit({ input, classes }: Made, data: CampaignSpec['data']): void {
  const wanted = input.shape.slice(1)
  if (wanted.join() !== data.shape.join())
    throw problem(
      'campaign_refused',
      `the model reads rows of the shape [${wanted.join(', ')}], and data.shape is [${data.shape.join(', ')}]`,
    )
  if (classes !== undefined && classes !== data.classes)
    throw problem('campaign_refused', `the model has ${classes} classes, and data.classes is ${data.classes}`)
}

/** The model with other weights. */
export const withWeights = (model: Uint8Array, values: ReadonlyMap<string, Float32Array>): Uint8Array =>
  writeParameters(model, values)
