import { broadcastShape, reduceTo } from '../broadcast.ts'
import { type Rule, unsupported } from '../rule.ts'

export const expand: Rule = {
  operator: 'Expand',
  limits: 'a constant shape',
  infer({ inputs: [x, wanted] }) {
    if (!x || !wanted?.numbers) return unsupported('has a shape that is not constant')
    const shape = broadcastShape(x.shape, wanted.numbers)
    return shape ? [{ datatype: x.datatype, shape }] : unsupported('has a shape that its input does not fit')
  },
  gradient(t, { inputs: [x = ''], outputs: [y = ''] }, dy) {
    t.add(x, reduceTo(t, dy, t.shape(y), t.shape(x)))
    return undefined
  },
}
