/** [ONNX operators, HardSwish] x HardSigmoid(x) with alpha 1/6 and beta 1/2. */
import { type Rule, sameShape } from '../rule.ts'

export const hardSwish: Rule = {
  operator: 'HardSwish',
  infer: sameShape,
  lower(t) {
    const [x = ''] = t.operation.inputs
    t.finish('Mul', [x, t.emit('HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })])
    return true
  },
}
