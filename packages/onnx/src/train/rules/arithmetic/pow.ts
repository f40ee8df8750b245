/** A constant exponent: dx = dy n x^(n-1). */
import { inferBroadcast } from '../broadcast.ts'
import { type Rule, unsupported } from '../rule.ts'

export const pow: Rule = {
  operator: 'Pow',
  limits: 'the exponent is one constant number',
  infer: inferBroadcast,
  gradient(t, { inputs: [x = '', exponent = ''] }, dy) {
    const numbers = t.fact(exponent).numbers
    const [power] = numbers ?? []
    if (power === undefined || numbers?.length !== 1)
      return unsupported('has an exponent that is not one constant number')
    if (t.shape(exponent).length > t.shape(x).length)
      return unsupported('has an exponent of more dimensions than its base')
    const below = power === 2 ? x : t.emit('Pow', [x, t.float(power - 1)])
    t.add(x, t.emit('Mul', [dy, t.emit('Mul', [below, t.float(power)])]))
    return undefined
  },
}
