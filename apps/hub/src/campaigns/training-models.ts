/** Training models: the models of a campaign that devices run, made from the base version. */
import type { CampaignSpec } from '@skerry/contract/campaigns/campaign'
import { unmatchedPattern, weightsMatching } from '@skerry/core/campaigns/weight-patterns'
import { joinWeights } from '@skerry/core/campaigns/weights'
import { evaluationModel } from '@skerry/onnx/train/evaluation-model'
import { readParameters, writeParameters } from '@skerry/onnx/train/parameters'
import {
  isTrainingRefusal,
  type TrainingModel,
  type TrainingOptimiser,
  type TrainingParameter,
  type TrainingPlan,
  type TrainingRefusal,
} from '@skerry/onnx/train/plan'
import { trainingModel } from '@skerry/onnx/train/training-model'
import { problem } from '../http/problem.ts'
import type { CampaignParameter } from '../store/tables/learning/campaign-tables.ts'

/** Weights of the base version, in the order of their parameters. */
type ModelWeights = { parameters: CampaignParameter[]; weights: Float32Array }

export type TrainingModels = ModelWeights & {
  training: Uint8Array
  evaluation: Uint8Array
  /** The weights that each device keeps for itself; undefined if there are none. */
  personal: ModelWeights | undefined
}

/** Throws the contract's problem if the model cannot be trained, or does not fit the data. */
export function makeTrainingModels(model: Uint8Array, { data, training, strategy }: CampaignSpec): TrainingModels {
  const plan = planOf({ data, training, strategy })
  const all = madeOr(trainingModel(model, plan)).parameters
  const frozen = matching(training.frozen, all, 'training.frozen')
  const chosen = { ...plan, ...(frozen.length > 0 && { frozen }) }
  const made = madeOr(trainingModel(model, chosen))
  const evaluation = madeOr(evaluationModel(model, chosen))
  refuseMisfit(made, data)
  const own = new Set(matching(training.personal, made.parameters, 'training.personal'))
  const shared = made.parameters.filter(({ name }) => !own.has(name))
  if (shared.length === 0)
    throw problem('campaign_refused', 'training.personal matches all trained weights, so devices would share nothing')
  return {
    training: made.bytes,
    evaluation: evaluation.bytes,
    ...weightsOf(model, shared),
    personal:
      own.size === 0
        ? undefined
        : weightsOf(
            model,
            made.parameters.filter(({ name }) => own.has(name)),
          ),
  }
}

function planOf({ data, training, strategy }: Pick<CampaignSpec, 'data' | 'training' | 'strategy'>): TrainingPlan {
  const { momentum, batchNormalization } = training
  const optimiser: TrainingOptimiser =
    training.optimiser === 'adam' ? { name: 'adam' } : { name: 'sgd', ...(momentum !== undefined && { momentum }) }
  return {
    loss: training.loss,
    optimiser,
    ...(training.proximal !== undefined && { proximal: true }),
    ...(training.clipNorm !== undefined && { clipNorm: true }),
    ...(strategy.kind === 'scaffold' && { control: true }),
    ...(batchNormalization !== undefined && { batchNormalization }),
    input: {
      dataType: data.type,
      ...(data.scale !== undefined && { scale: data.scale }),
      ...(data.offset !== undefined && { offset: data.offset }),
    },
    batchSize: training.batchSize,
  }
}

function madeOr(made: TrainingModel | TrainingRefusal): TrainingModel {
  if (isTrainingRefusal(made)) throw problem('campaign_refused', made.message)
  return made
}

/** A refusal names so many weights of a model. */
const NAMES_SHOWN = 20

/** The names of the weights that the patterns pick. A pattern that picks none is a mistake. */
function matching(patterns: readonly string[] = [], all: readonly TrainingParameter[], field: string): string[] {
  const names = all.map(({ name }) => name)
  const idle = unmatchedPattern(patterns, names)
  if (idle === undefined) return weightsMatching(patterns, names)
  const shown = names.slice(0, NAMES_SHOWN).join(', ')
  const more = names.length > NAMES_SHOWN ? `, and ${names.length - NAMES_SHOWN} more` : ''
  throw problem('campaign_refused', `${field}: the model trains no weight ${idle}; it trains ${shown}${more}`)
}

function weightsOf(model: Uint8Array, trained: readonly TrainingParameter[]): ModelWeights {
  const parameters = trained.map(({ name, shape, elements }) => ({ name, shape, elements }))
  const read = readParameters(
    model,
    parameters.map(({ name }) => name),
  )
  const weights = joinWeights(read, parameters)
  if (!weights) throw new Error('the parameters of the model have not the sizes of its training model')
  return { parameters, weights }
}

type Made = Pick<TrainingModel, 'input' | 'labels' | 'classes'>

function refuseMisfit({ input, labels, classes }: Made, data: CampaignSpec['data']): void {
  const wanted = input.shape.slice(1)
  if (wanted.join() !== data.shape.join())
    throw problem(
      'campaign_refused',
      `the model reads rows of the shape [${wanted.join(', ')}], and data.shape is [${data.shape.join(', ')}]`,
    )
  if (classes !== undefined && classes !== data.classes)
    throw problem('campaign_refused', `the model has ${classes} classes, and data.classes is ${data.classes}`)
  const answers = labels.shape.slice(1)
  if (data.targets && answers.join() !== data.targets.join())
    throw problem(
      'campaign_refused',
      `the model answers a row with the shape [${answers.join(', ')}], and data.targets is [${data.targets.join(', ')}]`,
    )
}

/** The model with other weights. */
export const withWeights = (model: Uint8Array, values: ReadonlyMap<string, Float32Array>): Uint8Array =>
  writeParameters(model, values)
