/** The gradients of the parts stand beside each other again. A part that nothing reads has a gradient of zero. */
import { axisOf, intOf, type Operation } from '../../operation.ts'
import { type Backward, type Rule, unsupported } from '../rule.ts'

export const split: Rule = {
  operator: 'Split',
  limits: 'constant lengths',
  infer({ operation, inputs: [x, lengths] }) {
    if (!x || (operation.inputs[1] && !lengths?.numbers)) return unsupported('has lengths that are not constant')
    const along = axisOf(intOf(operation, 'axis', 0), x.shape.length)
    const whole = x.shape[along] ?? 0
    const even = Math.ceil(whole / operation.outputs.length)
    const sizes = lengths?.numbers ?? operation.outputs.map((_, index) => Math.min(even, whole - index * even))
    return sizes.map((size) => ({
      datatype: x.datatype,
      shape: x.shape.map((other, axis) => (axis === along ? size : other)),
    }))
  },
  gradient(t, operation) {
    const [x = ''] = operation.inputs
    const axis = axisOf(intOf(operation, 'axis', 0), t.shape(x).length)
    t.add(x, t.emit('Concat', partsOf(t, operation), { axis: { int: axis } }))
    return undefined
  },
}

const partsOf = (t: Backward, { outputs }: Operation) =>
  outputs.map((name) => t.gradientOf(name) ?? t.emit('Expand', [t.float(0), t.ints(t.shape(name))]))
