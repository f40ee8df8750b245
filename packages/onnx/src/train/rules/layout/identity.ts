/** Operators that pass their input on. `Dropout` does so outside of its own training mode. */
import { type Rule, sameShape, unaryRule, unsupported } from '../rule.ts'

export const identity = unaryRule('Identity', (_, { dy }) => dy)

export const dropout: Rule = {
  ...unaryRule('Dropout', (_, { dy }) => dy, 'off, as in inference'),
  infer(inference) {
    const { operation, inputs } = inference
    if (operation.inputs[2] && inputs[2]?.numbers?.[0] !== 0) return unsupported('is switched on')
    return sameShape(inference)
  },
}
