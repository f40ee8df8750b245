/**
 * The source of a training: the part of the user's model that leads to the output, in the form that all other modules
 * expect. Its values have the prefix `m/`, so that no name of the file meets a name of the training model.
 */
import { inlineAllWeights } from '../inline-weights.ts'
import { normalise } from '../passes/normalise.ts'
import { raiseOpset } from '../passes/opset/raise-opset.ts'
import type { PassReport } from '../passes/pass.ts'
import { type Model, readModel } from '../read.ts'
import { quote } from '../refusal.ts'
import { readSignature } from '../signature.ts'
import { isExternal, type RawTensor, readTensor, tensorHeader } from '../tensor.ts'
import { isOfDefaultDomain, logitsOf } from './logits.ts'
import { type Operation, operationOf } from './operation.ts'
import { isTrainingRefusal, type TrainingPlan, type TrainingRefusal, type TrainingRefusalCode } from './plan.ts'
import type { Fact } from './rules/rule.ts'

export type Source = {
  operations: Operation[]
  input: { name: string; fact: Fact }
  output: string
  /** Constants by their prefixed name; a weight whose elements are in another file has no tensor. */
  constants: ReadonlyMap<string, { fact: Fact; tensor: RawTensor | undefined }>
  /** Prefixed names of the weights that may be trained, in the order of the file. */
  candidates: readonly string[]
  opset: number
  irVersion: number
}

/** Files beside the model, by path, for models whose weights are not inside. */
export type WeightFiles = ReadonlyMap<string, Uint8Array>

const PREFIX = 'm/'
export const innerName = (name: string): string => (name === '' ? '' : `${PREFIX}${name}`)
export const outerName = (name: string): string => name.slice(PREFIX.length)

/**
 * [ONNX operators] `ScatterElements` adds since 16, and `LayerNormalization` is an operator since 17. From 13 to 17, no
 * operator with a rule changes its meaning.
 */
const OPSET_MIN = 17

/** [ONNX, Versioning] The file format of operator set 17. */
const IR_MIN = 8

export const refuse = (refused: TrainingRefusalCode, message: string): TrainingRefusal => ({ refused, message })

export function sourceOf(bytes: Uint8Array, plan: TrainingPlan, files: WeightFiles): Source | TrainingRefusal {
  const inlined = files.size > 0 ? inlineAllWeights(bytes, files) : undefined
  if (inlined && !inlined.ok) return refuse('external_weight', inlined.message)
  const read = readModel(inlined?.value ?? bytes)
  if (!read.ok) return refuse('unreadable_model', read.message)
  const model = read.value
  const written = writtenConstants(model)
  const report: PassReport = { pass: 'train', changed: [], skipped: [] }
  normalise.apply(model, report)
  const tooOld = raiseOpset.apply(model, report)
  if (tooOld) return refuse('unsupported_opset', tooOld.message)
  const all: Operation[] = []
  for (const node of model.graph.node) {
    const operation = operationOf(node)
    if (isTrainingRefusal(operation)) return operation
    all.push(operation)
  }
  const output = logitsOf(model, all, plan)
  if (typeof output !== 'string') return output
  return assemble({ model, plan, operations: operationsBehind(all, output), output, written })
}

/** The names of the values that `Constant` nodes of the file give. */
const writtenConstants = ({ graph }: Model): ReadonlySet<string> =>
  new Set(graph.node.filter(({ opType }) => opType === 'Constant').flatMap(({ output }) => output))

/** The operations that the output depends on, in their order. */
function operationsBehind(all: readonly Operation[], output: string): Operation[] {
  const needed = new Set([output])
  return [...all]
    .reverse()
    .filter(({ inputs, outputs }) => {
      const isNeeded = outputs.some((name) => needed.has(name))
      if (isNeeded) for (const name of inputs) needed.add(name)
      return isNeeded
    })
    .reverse()
}

type Parts = {
  model: Model
  plan: TrainingPlan
  operations: readonly Operation[]
  output: string
  written: ReadonlySet<string>
}

function assemble({ model, plan, operations, output, written }: Parts): Source | TrainingRefusal {
  const read = new Set(operations.flatMap(({ inputs }) => inputs))
  const constants = constantsOf(model, read)
  if (isTrainingRefusal(constants)) return constants
  const input = inputOf(model, plan, read)
  if (isTrainingRefusal(input)) return input
  const weights = [...constants].filter(([name, { fact }]) => isWeight(fact, written.has(name))).map(([name]) => name)
  const frozen = new Set(plan.frozen)
  const unknown = [...frozen].find((name) => !model.graph.initializer.some((each) => each.name === name))
  if (unknown !== undefined)
    return refuse('unknown_weight', `the model has no weight ${quote(unknown)} that can be frozen`)
  return {
    operations: operations.map(prefixed),
    input,
    output: innerName(output),
    constants: new Map([...constants].map(([name, constant]) => [innerName(name), constant])),
    candidates: weights.filter((name) => !frozen.has(name)).map(innerName),
    opset: Math.max(OPSET_MIN, ...model.opsetImport.filter(isOfDefaultDomain).map(({ version }) => Number(version))),
    irVersion: Math.max(IR_MIN, Number(model.irVersion)),
  }
}

/**
 * A float32 tensor with a dimension. Exporters write the numbers of formulas as scalars, or as `Constant` nodes with
 * one element: those are no weights.
 */
const isWeight = ({ datatype, shape }: Fact, isWritten: boolean) =>
  datatype === 'FP32' && shape.length > 0 && !(isWritten && shape.every((size) => size === 1))

const prefixed = (operation: Operation): Operation => ({
  ...operation,
  inputs: operation.inputs.map(innerName),
  outputs: operation.outputs.map(innerName),
})

function constantsOf({ graph }: Model, read: ReadonlySet<string>) {
  const found = new Map<string, { fact: Fact; tensor: RawTensor | undefined }>()
  for (const tensor of graph.initializer.filter(({ name }) => read.has(name))) {
    const label = `weight ${quote(tensor.name)}`
    const header = tensorHeader(tensor, label)
    if (!header.ok) return refuse('unreadable_model', header.message)
    const { type, shape } = header.value
    if (!type.datatype) return refuse('unsupported_setting', `${label} is ${type.name}, which cannot be trained`)
    const content = isExternal(tensor) ? undefined : readTensor(tensor)
    if (content && !content.ok) return refuse('unreadable_model', content.message)
    found.set(tensor.name, { fact: { datatype: type.datatype, shape }, tensor: content?.value })
  }
  return found
}

function inputOf(
  model: Model,
  { batchSize, input }: TrainingPlan,
  read: ReadonlySet<string>,
): Source['input'] | TrainingRefusal {
  const signature = readSignature(model)
  if (!signature.ok) return refuse('unreadable_model', signature.message)
  const inputs = signature.value.inputs.filter(({ name }) => read.has(name))
  const [only] = inputs
  if (!only || inputs.length > 1)
    return refuse(
      'unsupported_setting',
      `the output depends on ${inputs.length} inputs, and a model with one can be trained`,
    )
  const { name, datatype, shape } = only
  const [, ...own] = shape
  const features = input.shape ?? own
  const fits = features.length === own.length && own.every((size, axis) => size === -1 || size === features[axis])
  if (!fits)
    return refuse(
      'unknown_shape',
      `input ${quote(name)} has the shape [${shape.join(', ')}], and the plan has rows of the shape [${features.join(', ')}]`,
    )
  if (shape.length === 0 || features.some((size) => !Number.isInteger(size) || size < 1))
    return refuse(
      'unknown_shape',
      `input ${quote(name)} has the shape [${shape.join(', ')}]; give the shape of a row in the plan`,
    )
  return { name: innerName(name), fact: { datatype, shape: [batchSize, ...features] } }
}
