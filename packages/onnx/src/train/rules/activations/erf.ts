/** dx = dy 2 / sqrt(pi) exp(-x x) */
import { unaryRule } from '../rule.ts'

export const erf = unaryRule('Erf', (t, { x, dy }) => {
  const bell = t.emit('Exp', [t.emit('Neg', [t.emit('Mul', [x, x])])])
  return t.emit('Mul', [dy, t.emit('Mul', [bell, t.float(2 / Math.sqrt(Math.PI))])])
})
