import { binaryRule } from '../broadcast.ts'

export const add = binaryRule(
  'Add',
  (_, { dy }) => dy,
  (_, { dy }) => dy,
)
