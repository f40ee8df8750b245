/**
 * Training models: from an ONNX inference model, one that trains it, in standard operators only. Any onnxruntime runs
 * it.
 *
 * Its one `Scan` does all local steps: pick the rows, compute forward, the loss and backward, and write the next
 * weights. Constants, data and labels stand outside of the Scan, which so does not copy them each step. plan.ts has the
 * names of inputs and outputs.
 */
import type { TensorSpec } from '@skerry/contract/models/tensor'
import { buildModel, type GraphParts, type NamedTensor, type NodePart } from '../build.ts'
import { writeModel } from '../write.ts'
import { differentiate } from './differentiate.ts'
import { type Network, networkOf } from './network.ts'
import type { Operation } from './operation.ts'
import {
  CLIP,
  controlName,
  DATA,
  isTrainingRefusal,
  LABELS,
  LEARNING_RATE,
  LOSSES,
  MEAN_LOSS,
  PROXIMAL,
  ROWS,
  resultName,
  startName,
  type TrainingModel,
  type TrainingParameter,
  type TrainingPlan,
  type TrainingRefusal,
} from './plan.ts'
import { elementsOf } from './rules/rule.ts'
import { outerName, refuse, type Source, sourceOf, type WeightFiles } from './source.ts'
import { DATA_TYPES, writeBatch } from './step/batch.ts'
import { type LossKind, lossKind, writeLoss } from './step/loss.ts'
import { type CarriedState, isFused, nextName, type Weight, writeFusedUpdates, writeUpdates } from './step/update.ts'
import { stepWriter } from './step/writer.ts'

/**
 * The training model of a plan, or why there is none. The same model and plan give the same bytes.
 *
 * @param files the files beside the model, if it keeps constants there; weights that are trained may stay away
 */
export function trainingModel(
  model: Uint8Array,
  plan: TrainingPlan,
  files: WeightFiles = new Map(),
): TrainingModel | TrainingRefusal {
  const source = checkPlan(plan) ?? sourceOf(model, plan, files)
  if (isTrainingRefusal(source)) return source
  const network = networkOf(source, plan)
  if (isTrainingRefusal(network)) return network
  const shape = network.facts.get(source.output)?.shape ?? []
  const kind = lossKind(plan, shape)
  if (isTrainingRefusal(kind)) return kind
  const step = writeStep({ plan, source, network, shape })
  if (isTrainingRefusal(step)) return step
  const graph = outerGraph({ plan, source, network, kind, shape, step })
  if (isTrainingRefusal(graph)) return graph
  const { opset, irVersion } = source
  const built = buildModel({ ...graph, opsets: { 'ai.onnx': opset }, irVersion })
  return {
    bytes: writeModel(built),
    parameters: step.parameters.map((name) => parameterOf(name, network)),
    input: { shape: rowsOf(source.input.fact.shape) },
    labels: { shape: rowsOf(kind.labels.shape(shape)) },
    output: outerName(source.output),
    ...(kind.classes === undefined ? {} : { classes: kind.classes }),
  }
}

/** More rows in one step than any example trains with: the number becomes part of shapes. */
const BATCH_MAX = 65_536

export function checkPlan({ batchSize, optimiser, input }: TrainingPlan): TrainingRefusal | undefined {
  if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > BATCH_MAX)
    return refuse('invalid_plan', `a step has 1 to ${BATCH_MAX} rows, not ${batchSize}`)
  const momentum = optimiser.name === 'sgd' ? (optimiser.momentum ?? 0) : 0
  if (!(momentum >= 0 && momentum < 1))
    return refuse('invalid_plan', `the momentum is 0 to less than 1, not ${momentum}`)
  const { scale = 1, offset = 0 } = input
  if (!Number.isFinite(scale) || !Number.isFinite(offset))
    return refuse('invalid_plan', 'the scale and the offset of the input are finite numbers')
  return undefined
}

const rowsOf = ([, ...rest]: readonly number[]) => [-1, ...rest]

function parameterOf(name: string, { facts, followed }: Network): TrainingParameter {
  const shape = [...(facts.get(name)?.shape ?? [])]
  return { name: outerName(name), shape, elements: elementsOf(shape), isStatistic: followed.has(name) }
}

type StepRequest = { plan: TrainingPlan; source: Source; network: Network; shape: readonly number[] }

type Step = {
  operations: Operation[]
  /** Names of the trained values inside of the step. */
  parameters: string[]
  states: CarriedState[]
}

/** The name of the row numbers inside of the step. */
const STEP_ROWS = 'step/rows'

function writeStep({ plan, source, network, shape }: StepRequest): Step | TrainingRefusal {
  const fused = isFused(plan)
  const batch = stepWriter('b', network.pool)
  const { name: input, fact } = source.input
  const labels = writeBatch(batch, { plan, input, datatype: fact.datatype, rows: STEP_ROWS })
  const loss = stepWriter('e', network.pool)
  const factor = fused ? LEARNING_RATE : undefined
  const outputGradient = writeLoss(loss, { loss: plan.loss, logits: source.output, shape, labels, factor }).gradient()
  const wanted = source.candidates.filter((name) => !network.followed.has(name))
  const gradients = differentiate({ network, wanted, output: source.output, outputGradient })
  if (isTrainingRefusal(gradients)) return gradients
  const weights = wanted.flatMap((value): Weight[] => {
    const gradient = gradients.of.get(value)
    return gradient === undefined
      ? []
      : [{ name: outerName(value), value, shape: network.facts.get(value)?.shape ?? [], gradient }]
  })
  if (weights.length === 0)
    return refuse('no_parameters', 'the output depends on no float32 weight that can be trained')
  const update = stepWriter('u', network.pool)
  const backward = fused ? writeFusedUpdates(update, weights, gradients.operations) : gradients.operations
  const states = fused ? [] : writeUpdates(update, weights, plan)
  for (const [name, value] of network.followed) update.emit('Identity', [value], {}, nextName(name))
  const trained = new Set([...weights.map(({ value }) => value), ...network.followed.keys()])
  return {
    operations: [...batch.operations, ...network.operations, ...loss.operations, ...backward, ...update.operations],
    parameters: source.candidates.filter((name) => trained.has(name)),
    states,
  }
}

type Outer = StepRequest & { kind: LossKind; step: Step }

function outerGraph({ plan, source, network, kind, shape, step }: Outer): GraphParts | TrainingRefusal {
  const { parameters, states, operations } = step
  const float = (name: string, own: readonly number[]): TensorSpec => ({ name, datatype: 'FP32', shape: [...own] })
  const specs = parameters.map((name) => ({ name, shape: network.facts.get(name)?.shape ?? [] }))
  const starts = states.map(({ before, shape: own }) => zeros(`start/${before}`, network.pool.ints(own)))
  const constants = constantsRead([...starts, ...operations], network, new Set(parameters))
  if (isTrainingRefusal(constants)) return constants
  return {
    initialisers: constants,
    nodes: [
      ...starts,
      {
        operator: 'Scan',
        inputs: [
          ...specs.map(({ name }) => startName(outerName(name))),
          ...starts.flatMap(({ outputs }) => outputs),
          ROWS,
        ],
        outputs: [
          ...specs.map(({ name }) => resultName(outerName(name))),
          ...states.map(({ after }) => `end/${after}`),
          LOSSES,
        ],
        attributes: { body: { graph: bodyOf(plan, step, specs, float) }, num_scan_inputs: { int: 1 } },
      },
    ],
    inputs: [
      ...specs.map((each) => float(startName(outerName(each.name)), each.shape)),
      { name: DATA, datatype: DATA_TYPES[plan.input.dataType], shape: rowsOf(source.input.fact.shape) },
      { name: LABELS, datatype: kind.labels.datatype, shape: rowsOf(kind.labels.shape(shape)) },
      { name: ROWS, datatype: 'INT64', shape: [-1, plan.batchSize] },
      float(LEARNING_RATE, []),
      ...(plan.proximal ? [float(PROXIMAL, [])] : []),
      ...(plan.clipNorm ? [float(CLIP, [])] : []),
      ...(plan.control
        ? specs
            .filter(({ name }) => !network.followed.has(name))
            .map((each) => float(controlName(outerName(each.name)), each.shape))
        : []),
    ],
    outputs: [...specs.map((each) => float(resultName(outerName(each.name)), each.shape)), float(LOSSES, [-1])],
  }
}

type Spec = { name: string; shape: readonly number[] }

function bodyOf(
  { batchSize }: TrainingPlan,
  { operations, states }: Step,
  specs: readonly Spec[],
  float: (name: string, shape: readonly number[]) => TensorSpec,
): GraphParts {
  return {
    nodes: operations,
    inputs: [
      ...specs.map(({ name, shape }) => float(name, shape)),
      ...states.map(({ before, shape }) => float(before, shape)),
      { name: STEP_ROWS, datatype: 'INT64', shape: [batchSize] },
    ],
    outputs: [
      ...specs.map(({ name, shape }) => float(nextName(name), shape)),
      ...states.map(({ after, shape }) => float(after, shape)),
      float(MEAN_LOSS, []),
    ],
  }
}

const zeros = (name: string, sizes: string): NodePart => ({
  operator: 'ConstantOfShape',
  inputs: [sizes],
  outputs: [name],
})

/** The constants that the step reads, without the parameters, which come as inputs. */
function constantsRead(
  operations: readonly NodePart[],
  { constants, facts, pool }: Network,
  parameters: ReadonlySet<string>,
): NamedTensor[] | TrainingRefusal {
  const given = new Set(operations.flatMap(({ outputs }) => outputs))
  const read = [...new Set(operations.flatMap(({ inputs }) => inputs))].filter((name) => !given.has(name))
  const found: NamedTensor[] = []
  for (const name of read) {
    const tensor = constants.get(name) ?? pool.tensors().get(name)
    if (tensor && !parameters.has(name)) found.push(tensor)
    else if (!tensor && facts.has(name) && !parameters.has(name))
      return refuse('external_weight', `${outerName(name)} is in another file; give that file with the model`)
  }
  return found
}
