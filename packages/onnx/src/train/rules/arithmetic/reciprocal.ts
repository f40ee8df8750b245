/** y = 1 / x, so that dx = -dy y y. */
import { unaryRule } from '../rule.ts'

export const reciprocal = unaryRule('Reciprocal', (t, { y, dy }) =>
  t.emit('Neg', [t.emit('Mul', [dy, t.emit('Mul', [y, y])])]),
)
