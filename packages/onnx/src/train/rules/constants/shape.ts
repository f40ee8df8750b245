/** Operators of numbers that models compute their shapes with. They are computed once, and have no gradient. */
import { axisOf, intOf } from '../../operation.ts'
import { inferBroadcast } from '../broadcast.ts'
import { type Inference, type Rule, unsupported } from '../rule.ts'

const CONSTANT = 'constant values'

export const shape: Rule = {
  operator: 'Shape',
  infer({ operation, inputs: [x] }) {
    if (!x) return unsupported('has no input')
    const rank = x.shape.length
    const bound = (value: number) => Math.max(0, Math.min(rank, axisOf(value, rank)))
    const numbers = x.shape.slice(bound(intOf(operation, 'start', 0)), bound(intOf(operation, 'end', rank)))
    return [{ datatype: 'INT64', shape: [numbers.length], numbers }]
  },
}

export const constantOfShape: Rule = {
  operator: 'ConstantOfShape',
  limits: CONSTANT,
  infer({ operation, inputs: [wanted] }) {
    const value = operation.attributes.value
    const datatype = value && 'tensor' in value ? value.tensor.datatype : 'FP32'
    return wanted?.numbers ? [{ datatype, shape: wanted.numbers }] : unsupported('has a shape that is not constant')
  },
}

export const range: Rule = {
  operator: 'Range',
  limits: CONSTANT,
  infer({ inputs }) {
    const [start, limit, step] = inputs.map((fact) => fact?.numbers?.[0])
    if (start === undefined || limit === undefined || !step) return unsupported('has bounds that are not constant')
    return [{ datatype: inputs[0]?.datatype ?? 'INT64', shape: [Math.max(0, Math.ceil((limit - start) / step))] }]
  },
}

const comparison = (operator: string): Rule => ({
  operator,
  infer(inference: Inference) {
    const facts = inferBroadcast(inference)
    return 'unsupported' in facts ? facts : facts.map((fact) => ({ shape: fact.shape, datatype: 'BOOL' as const }))
  },
})

export const comparisons: readonly Rule[] = [
  'Equal',
  'Greater',
  'GreaterOrEqual',
  'Less',
  'LessOrEqual',
  'And',
  'Or',
].map(comparison)

export const not: Rule = {
  operator: 'Not',
  infer: ({ inputs: [x] }) => (x ? [{ datatype: 'BOOL', shape: x.shape }] : unsupported('has no input')),
}
