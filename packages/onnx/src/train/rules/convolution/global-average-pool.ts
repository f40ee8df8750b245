/** GlobalAveragePool: each place of a channel gets the same share. */
import { elementsOf, type Rule, unsupported } from '../rule.ts'

export const globalAveragePool: Rule = {
  operator: 'GlobalAveragePool',
  infer: ({ inputs: [x] }) =>
    x
      ? [{ datatype: x.datatype, shape: x.shape.map((size, axis) => (axis < 2 ? size : 1)) }]
      : unsupported('has no input'),
  gradient(t, { inputs: [x = ''] }, dy) {
    const shape = t.shape(x)
    const share = t.emit('Mul', [dy, t.float(1 / elementsOf(shape.slice(2)))])
    t.add(x, t.emit('Expand', [share, t.ints(shape)]))
    return undefined
  },
}
