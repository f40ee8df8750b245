/** dx = dy (1 - y y) */
import { unaryRule } from '../rule.ts'

export const tanh = unaryRule('Tanh', (t, { y, dy }) =>
  t.emit('Mul', [dy, t.emit('Sub', [t.float(1), t.emit('Mul', [y, y])])]),
)
