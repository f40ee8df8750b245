import { unaryRule } from '../rule.ts'

export const softplus = unaryRule('Softplus', (t, { x, dy }) => t.emit('Mul', [dy, t.emit('Sigmoid', [x])]))
