import { unaryRule } from '../rule.ts'

export const log = unaryRule('Log', (t, { x, dy }) => t.emit('Div', [dy, x]))
