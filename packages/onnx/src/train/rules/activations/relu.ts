/** Greater and Where cost less than Sign and Mul, and give zero at zero. */
import { unaryRule } from '../rule.ts'

export const relu = unaryRule('Relu', (t, { y, dy }) =>
  t.emit('Where', [t.emit('Greater', [y, t.float(0)]), dy, t.float(0)]),
)
