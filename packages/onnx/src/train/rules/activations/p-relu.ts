/** [ONNX operators, PRelu] LeakyRelu whose slope is a weight. */
import { reduceTo } from '../broadcast.ts'
import { type Rule, sameShape } from '../rule.ts'

export const pRelu: Rule = {
  operator: 'PRelu',
  infer: sameShape,
  gradient(t, { inputs: [x = '', slope = ''] }, dy) {
    const isPositive = t.emit('Greater', [x, t.float(0)])
    if (t.wants(x)) t.add(x, t.emit('Where', [isPositive, dy, t.emit('Mul', [dy, slope])]))
    if (t.wants(slope)) {
      const below = t.emit('Where', [isPositive, t.float(0), t.emit('Mul', [dy, x])])
      t.add(slope, reduceTo(t, below, t.shape(x), t.shape(slope)))
    }
    return undefined
  },
}
