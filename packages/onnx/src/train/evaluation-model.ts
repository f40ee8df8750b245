/**
 * Evaluation models: the mean loss of given weights over any number of rows, and how many labels they meet. plan.ts has
 * the names of inputs and outputs.
 */
import { buildModel, type NamedTensor } from '../build.ts'
import { writeModel } from '../write.ts'
import { networkOf } from './network.ts'
import type { Operation } from './operation.ts'
import {
  CORRECT,
  DATA,
  isTrainingRefusal,
  LABELS,
  MEAN_ERROR,
  MEAN_LOSS,
  startName,
  type TrainingModel,
  type TrainingPlan,
  type TrainingRefusal,
} from './plan.ts'
import { outerName, refuse, type Source, sourceOf, type WeightFiles } from './source.ts'
import { DATA_TYPES, writeBatch } from './step/batch.ts'
import { lossKind, writeCorrect, writeError, writeLoss } from './step/loss.ts'
import { stepWriter, type Writer } from './step/writer.ts'
import { trainingModel } from './training-model.ts'

/** The evaluation model of a plan; its parameters are those of the training model, in the same order. */
export function evaluationModel(
  model: Uint8Array,
  plan: TrainingPlan,
  files: WeightFiles = new Map(),
): TrainingModel | TrainingRefusal {
  const training = trainingModel(model, plan, files)
  if (isTrainingRefusal(training)) return training
  const source = sourceOf(model, plan, files)
  if (isTrainingRefusal(source)) return source
  const network = networkOf(source, plan)
  if (isTrainingRefusal(network)) return network
  const shape = network.facts.get(source.output)?.shape ?? []
  const kind = lossKind(plan, shape)
  if (isTrainingRefusal(kind)) return kind
  const operations = writeEvaluation({ plan, source, shape, writer: stepWriter('e', network.pool) })
  const parameters = training.parameters.map(({ name, shape: own }) => ({ name, inner: `m/${name}`, own }))
  const constants = constantsRead(
    operations,
    source,
    network.pool.tensors(),
    new Set(parameters.map(({ inner }) => inner)),
  )
  if (isTrainingRefusal(constants)) return constants
  const isWritten = (name: string) => operations.some(({ outputs }) => outputs.includes(name))
  const starts = parameters.map(
    ({ name, inner }): Operation => ({
      operator: 'Identity',
      inputs: [startName(name)],
      outputs: [inner],
      attributes: {},
      label: inner,
    }),
  )
  const built = buildModel({
    initialisers: constants,
    nodes: [...starts, ...operations],
    inputs: [
      ...parameters.map(({ name, own }) => ({ name: startName(name), datatype: 'FP32' as const, shape: own })),
      { name: DATA, datatype: DATA_TYPES[plan.input.dataType], shape: training.input.shape },
      { name: LABELS, datatype: kind.labels.datatype, shape: training.labels.shape },
    ],
    outputs: [
      { name: MEAN_LOSS, datatype: 'FP32', shape: [] },
      ...(isWritten(CORRECT) ? [{ name: CORRECT, datatype: 'INT64' as const, shape: [] }] : []),
      ...(isWritten(MEAN_ERROR) ? [{ name: MEAN_ERROR, datatype: 'FP32' as const, shape: [] }] : []),
    ],
    opsets: { 'ai.onnx': source.opset },
    irVersion: source.irVersion,
  })
  return { ...training, bytes: writeModel(built) }
}

type Evaluation = { plan: TrainingPlan; source: Source; shape: readonly number[]; writer: Writer }

/** The operations of the file are taken as they are, so that any number of rows fits. */
function writeEvaluation({ plan, source, shape, writer }: Evaluation): readonly Operation[] {
  const { name: input, fact } = source.input
  const batch = stepWriter('b', writer.pool)
  const labels = writeBatch(batch, { plan, input, datatype: fact.datatype, rows: undefined })
  const { output: logits } = source
  writeLoss(writer, { loss: plan.loss, logits, shape, labels, factor: undefined })
  writeCorrect(writer, { loss: plan.loss, logits, labels })
  writeError(writer, { loss: plan.loss, logits, labels })
  return [...batch.operations, ...source.operations, ...writer.operations]
}

function constantsRead(
  operations: readonly Operation[],
  { constants }: Source,
  pool: ReadonlyMap<string, NamedTensor>,
  parameters: ReadonlySet<string>,
): NamedTensor[] | TrainingRefusal {
  const found: NamedTensor[] = []
  for (const name of new Set(operations.flatMap(({ inputs }) => inputs))) {
    const own = constants.get(name)
    const tensor = own?.tensor ? { ...own.tensor, name } : pool.get(name)
    if (parameters.has(name)) continue
    if (tensor) found.push(tensor)
    else if (own)
      return refuse('external_weight', `${outerName(name)} is in another file; give that file with the model`)
  }
  return found
}
