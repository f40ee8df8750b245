/** y = a / b, so that da = dy / b and db = -dy y / b. */
import { binaryRule } from '../broadcast.ts'

export const div = binaryRule(
  'Div',
  (t, { b, dy }) => t.emit('Div', [dy, b]),
  (t, { b, y, dy }) => t.emit('Neg', [t.emit('Div', [t.emit('Mul', [dy, y]), b])]),
)
