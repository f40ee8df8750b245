/** GlobalMaxPool is a MaxPool whose window is the whole input. */
import { type Rule, unsupported } from '../rule.ts'

export const globalMaxPool: Rule = {
  operator: 'GlobalMaxPool',
  infer: ({ inputs: [x] }) =>
    x
      ? [{ datatype: x.datatype, shape: x.shape.map((size, axis) => (axis < 2 ? size : 1)) }]
      : unsupported('has no input'),
  lower(t) {
    const [x] = t.inputs
    const [name = ''] = t.operation.inputs
    t.finish('MaxPool', [name], { kernel_shape: { ints: x?.shape.slice(2) ?? [] } })
    return true
  },
}
