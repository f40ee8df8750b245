import { binaryRule } from '../broadcast.ts'

export const sub = binaryRule(
  'Sub',
  (_, { dy }) => dy,
  (t, { dy }) => t.emit('Neg', [dy]),
)
