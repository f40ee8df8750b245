/** dx = dy y (1 - y) */
import { unaryRule } from '../rule.ts'

export const sigmoid = unaryRule('Sigmoid', (t, { y, dy }) =>
  t.emit('Mul', [dy, t.emit('Mul', [y, t.emit('Sub', [t.float(1), y])])]),
)
