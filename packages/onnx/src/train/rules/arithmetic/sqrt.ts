import { unaryRule } from '../rule.ts'

export const sqrt = unaryRule('Sqrt', (t, { y, dy }) => t.emit('Mul', [t.emit('Div', [dy, y]), t.float(0.5)]))
