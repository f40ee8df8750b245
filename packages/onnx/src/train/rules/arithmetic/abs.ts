import { unaryRule } from '../rule.ts'

export const abs = unaryRule('Abs', (t, { x, dy }) => t.emit('Mul', [dy, t.emit('Sign', [x])]))
