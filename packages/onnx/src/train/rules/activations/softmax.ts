/** Softmax along one axis: dx = y (dy - sum(dy y)). */
import { intOf } from '../../operation.ts'
import { unaryRule } from '../rule.ts'

export const softmax = unaryRule('Softmax', (t, { y, dy, operation }) => {
  const weighted = t.emit('Mul', [dy, y])
  const sum = t.emit('ReduceSum', [weighted, t.ints([intOf(operation, 'axis', -1)])], { keepdims: { int: 1 } })
  return t.emit('Mul', [y, t.emit('Sub', [dy, sum])])
})
