import { binaryRule } from '../broadcast.ts'

export const mul = binaryRule(
  'Mul',
  (t, { b, dy }) => t.emit('Mul', [dy, b]),
  (t, { a, dy }) => t.emit('Mul', [dy, a]),
)
