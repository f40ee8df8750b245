/** y = x above zero, else alpha (exp x - 1), whose slope is y + alpha. */
import { floatOf } from '../../operation.ts'
import { unaryRule } from '../rule.ts'

export const elu = unaryRule('Elu', (t, { x, y, dy, operation }) => {
  const slope = t.emit('Add', [y, t.float(floatOf(operation, 'alpha', 1))])
  return t.emit('Where', [t.emit('Greater', [x, t.float(0)]), dy, t.emit('Mul', [dy, slope])])
})
