import { unaryRule } from '../rule.ts'

export const neg = unaryRule('Neg', (t, { dy }) => t.emit('Neg', [dy]))
