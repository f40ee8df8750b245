/** [ONNX operators, HardSigmoid] max(0, min(1, alpha x + beta)) */
import { floatOf } from '../../operation.ts'
import { unaryRule } from '../rule.ts'

export const hardSigmoid = unaryRule('HardSigmoid', (t, { y, dy, operation }) => {
  const slope = t.emit('Mul', [dy, t.float(floatOf(operation, 'alpha', 0.2))])
  const isInside = t.emit('And', [t.emit('Greater', [y, t.float(0)]), t.emit('Less', [y, t.float(1)])])
  return t.emit('Where', [isInside, slope, t.float(0)])
})
