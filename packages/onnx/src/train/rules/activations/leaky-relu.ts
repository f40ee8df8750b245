import { floatOf } from '../../operation.ts'
import { unaryRule } from '../rule.ts'

export const leakyRelu = unaryRule('LeakyRelu', (t, { x, dy, operation }) => {
  const below = t.emit('Mul', [dy, t.float(floatOf(operation, 'alpha', 0.01))])
  return t.emit('Where', [t.emit('Greater', [x, t.float(0)]), dy, below])
})
