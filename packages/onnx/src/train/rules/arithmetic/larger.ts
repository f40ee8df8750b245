/** Max and Min of two operands. Where both are equal, the first one gets the gradient. */
import { binaryRule } from '../broadcast.ts'
import type { Backward, Rule } from '../rule.ts'
import { unsupported } from '../rule.ts'

const zero = (t: Backward) => t.float(0)
const oneWins = (operator: 'GreaterOrEqual' | 'LessOrEqual') =>
  binaryRule(
    operator === 'GreaterOrEqual' ? 'Max' : 'Min',
    (t, { a, b, dy }) => t.emit('Where', [t.emit(operator, [a, b]), dy, zero(t)]),
    (t, { a, b, dy }) => t.emit('Where', [t.emit(operator, [a, b]), zero(t), dy]),
  )

const ofTwo = (rule: Rule): Rule => ({
  ...rule,
  limits: 'two operands',
  infer: (inference) => (inference.inputs.length === 2 ? rule.infer(inference) : unsupported('has not two operands')),
})

export const max = ofTwo(oneWins('GreaterOrEqual'))
export const min = ofTwo(oneWins('LessOrEqual'))
