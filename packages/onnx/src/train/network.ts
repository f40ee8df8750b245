/** The network: the forward operations of a step, with the type and shape of each value. */
import type { NamedTensor } from '../build.ts'
import type { RawTensor } from '../tensor.ts'
import { type ConstantPool, constantPool } from './constant-pool.ts'
import { foldOperation, numbersOfTensor, tensorOfNumbers } from './fold.ts'
import { isOfDefaultDomain } from './logits.ts'
import { type Attributes, type Operation, refuseOperation } from './operation.ts'
import type { TrainingPlan, TrainingRefusal } from './plan.ts'
import { withIndices } from './rules/convolution/max-pool.ts'
import { elementsOf, type Fact, isUnsupported, type Lowering, type Rule } from './rules/rule.ts'
import { rules } from './rules/rules.ts'
import type { Source } from './source.ts'

/** A tensor of more elements does not fit into a message of 2 GiB, and into no device that trains. */
const ELEMENTS_MAX = 2 ** 29

export type Network = {
  operations: readonly Operation[]
  facts: ReadonlyMap<string, Fact>
  /** By name; without weights whose elements are in another file. */
  constants: ReadonlyMap<string, NamedTensor>
  /** For parameters without a gradient, the name of their value after the step. */
  followed: ReadonlyMap<string, string>
  pool: ConstantPool
}

/** Small float constants have numbers if nothing trains them: exponents, scales, bounds. */
export function networkOf(source: Source, plan: TrainingPlan): Network | TrainingRefusal {
  const state = beginning(source, plan)
  for (const operation of source.operations) {
    const refusal = append(state, withIndices(operation))
    if (refusal) return refusal
  }
  return state
}

type State = {
  operations: Operation[]
  facts: Map<string, Fact>
  constants: Map<string, NamedTensor>
  followed: Map<string, string>
  candidates: ReadonlySet<string>
  pool: ConstantPool
  isTrainingStatistics: boolean
}

function beginning({ input, constants, candidates }: Source, plan: TrainingPlan): State {
  const trained = new Set(candidates)
  const facts = new Map<string, Fact>([[input.name, input.fact]])
  const tensors = new Map<string, NamedTensor>()
  for (const [name, { fact, tensor }] of constants) {
    const numbers = tensor && !trained.has(name) ? numbersOfTensor(tensor) : undefined
    facts.set(name, numbers ? { ...fact, numbers } : fact)
    if (tensor) tensors.set(name, named(name, tensor))
  }
  const isTrainingStatistics = plan.batchNormalization === 'training'
  const pool = constantPool()
  return {
    operations: [],
    facts,
    constants: tensors,
    followed: new Map(),
    candidates: trained,
    pool,
    isTrainingStatistics,
  }
}

const named = (name: string, tensor: RawTensor): NamedTensor => ({ ...tensor, name })

function append(state: State, operation: Operation): TrainingRefusal | undefined {
  const rule = ruleOf(operation)
  if (!rule) return refuseOperation('unsupported_operator', operation, 'is an operator that cannot be trained')
  const inputs = operation.inputs.map((name) => (name === '' ? undefined : factOf(state, name)))
  const lowered = rule.lower ? lower(state, { rule, operation, inputs }) : false
  if (lowered !== false) return lowered
  const inferred = rule.infer({ operation, inputs })
  if (isUnsupported(inferred)) return refuseOperation('unsupported_setting', operation, inferred.unsupported)
  const [output] = inferred
  if (inferred.length === 1 && output && isFolded(state, { operation, inputs, output })) return undefined
  for (const [index, fact] of inferred.entries()) {
    const isSized = fact.shape.every((size) => Number.isSafeInteger(size) && size >= 0)
    if (!isSized || elementsOf(fact.shape) > ELEMENTS_MAX)
      return refuseOperation('unknown_shape', operation, `has an output of the shape [${fact.shape.join(', ')}]`)
    state.facts.set(operation.outputs[index] ?? '', fact)
  }
  state.operations.push(operation)
  return undefined
}

const ruleOf = ({ operator, domain }: Operation): Rule | undefined =>
  isOfDefaultDomain({ domain: domain ?? '' }) ? rules.get(operator) : undefined

const factOf = ({ facts, pool }: State, name: string): Fact | undefined => facts.get(name) ?? pool.fact(name)

type Known = { operation: Operation; inputs: readonly (Fact | undefined)[]; output: Fact }

/** Keeps a constant in place of an operation that computes one. */
function isFolded(state: State, { operation, inputs, output }: Known): boolean {
  const given = inputs.filter((fact): fact is Fact => fact !== undefined)
  const numbers = foldOperation({ operation, inputs: given, output })
  const tensor = numbers && tensorOfNumbers(output.datatype, output.shape, numbers)
  const [name = ''] = operation.outputs
  if (!numbers || !tensor) return false
  state.constants.set(name, named(name, tensor))
  state.facts.set(name, { ...output, numbers })
  return true
}

type Lowered = { rule: Rule; operation: Operation; inputs: readonly (Fact | undefined)[] }

/** False if the operation stays, undefined if it was replaced. */
function lower(state: State, { rule, operation, inputs }: Lowered): false | TrainingRefusal | undefined {
  const written: Operation[] = []
  const write = (outputs: string[], operator: string, names: readonly string[], attributes: Attributes = {}) => {
    written.push(withIndices({ operator, inputs: names, outputs, attributes, label: operation.label }))
    return outputs[0] ?? ''
  }
  const { pool, isTrainingStatistics } = state
  const lowering: Lowering = {
    operation,
    inputs,
    isTrainingStatistics,
    ints: pool.ints,
    float: pool.float,
    emit: (operator, names, attributes) =>
      write([`l/${operation.outputs[0]}/${operator}_${written.length}`], operator, names, attributes),
    finish(operator, names, attributes, output = 0) {
      write([operation.outputs[output] ?? ''], operator, names, attributes)
    },
    follow(parameter, value) {
      if (state.candidates.has(parameter)) state.followed.set(parameter, value)
    },
  }
  const result = rule.lower?.(lowering)
  if (result === false || result === undefined) return false
  if (result !== true) return refuseOperation('unsupported_setting', operation, result.unsupported)
  for (const each of written) {
    const refusal = append(state, each)
    if (refusal) return refusal
  }
  return undefined
}
