/** Reverse-mode differentiation: walks the operations backwards, and calls the rule of each. */

import type { Network } from './network.ts'
import { type Attributes, type Operation, refuseOperation } from './operation.ts'
import type { TrainingRefusal } from './plan.ts'
import { type Backward, type Fact, isUnsupported } from './rules/rule.ts'
import { rules } from './rules/rules.ts'

export type Gradients = {
  operations: Operation[]
  /** The gradient of each value that has one, weights among them. */
  of: ReadonlyMap<string, string>
}

type Request = {
  network: Network
  /** Names of the weights whose gradients are wanted. */
  wanted: readonly string[]
  output: string
  /** The name of the gradient of the output. */
  outputGradient: string
}

export function differentiate({ network, wanted, output, outputGradient }: Request): Gradients | TrainingRefusal {
  const needed = neededValues(network, wanted)
  const operations: Operation[] = []
  const gradients = new Map([[output, outputGradient]])
  const emit = (operator: string, inputs: readonly string[], attributes: Attributes = {}) => {
    const name = `g/${operator}_${operations.length}`
    operations.push({ operator, inputs, outputs: [name], attributes, label: name })
    return name
  }
  const backward = backwardOf(network, { needed, gradients, emit })
  for (const operation of [...network.operations].reverse()) {
    const dy = gradients.get(operation.outputs[0] ?? '')
    const hasGradient = operation.outputs.some((name) => gradients.has(name) && needed.has(name))
    if (!hasGradient) continue
    const rule = rules.get(operation.operator)
    if (!rule?.gradient) return refuseOperation('unsupported_operator', operation, 'has no gradient')
    const flaw = rule.gradient(backward, operation, dy ?? '')
    if (flaw && isUnsupported(flaw)) return refuseOperation('unsupported_setting', operation, flaw.unsupported)
  }
  return { operations, of: gradients }
}

/** The weights, and all values that depend on one. */
function neededValues({ operations, facts }: Network, wanted: readonly string[]): ReadonlySet<string> {
  const needed = new Set(wanted)
  for (const { inputs, outputs } of operations)
    if (inputs.some((name) => needed.has(name)))
      for (const name of outputs) if (facts.get(name)?.datatype === 'FP32') needed.add(name)
  return needed
}

type Parts = { needed: ReadonlySet<string>; gradients: Map<string, string>; emit: Backward['emit'] }

function backwardOf({ facts, pool }: Network, { needed, gradients, emit }: Parts): Backward {
  const fact = (name: string): Fact => {
    const known = facts.get(name) ?? pool.fact(name)
    if (!known) throw new Error(`the value ${name} has no shape`)
    return known
  }
  return {
    emit,
    fact,
    shape: (name) => fact(name).shape,
    gradientOf: (name) => gradients.get(name),
    wants: (name): name is string => name !== undefined && needed.has(name),
    add(name, gradient) {
      if (name === undefined || !needed.has(name)) return
      const before = gradients.get(name)
      gradients.set(name, before === undefined ? gradient : emit('Add', [before, gradient]))
    },
    ints: pool.ints,
    float: pool.float,
    floats: pool.floats,
  }
}
