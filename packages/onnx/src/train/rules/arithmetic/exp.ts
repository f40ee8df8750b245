import { unaryRule } from '../rule.ts'

export const exp = unaryRule('Exp', (t, { y, dy }) => t.emit('Mul', [dy, y]))
