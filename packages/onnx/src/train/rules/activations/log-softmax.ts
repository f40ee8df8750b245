/** dx = dy - exp(y) sum(dy) */
import { intOf } from '../../operation.ts'
import { unaryRule } from '../rule.ts'

export const logSoftmax = unaryRule('LogSoftmax', (t, { y, dy, operation }) => {
  const sum = t.emit('ReduceSum', [dy, t.ints([intOf(operation, 'axis', -1)])], { keepdims: { int: 1 } })
  return t.emit('Sub', [dy, t.emit('Mul', [t.emit('Exp', [y]), sum])])
})
