/** Each operand gets its part of the gradient. */
import { axisOf, intOf } from '../../operation.ts'
import { type Fact, type Rule, unsupported } from '../rule.ts'

export const concat: Rule = {
  operator: 'Concat',
  infer({ operation, inputs }) {
    const facts = inputs.filter((fact): fact is Fact => fact !== undefined)
    const [first] = facts
    if (!first) return unsupported('has no operands')
    const along = axisOf(intOf(operation, 'axis', 0), first.shape.length)
    const total = facts.reduce((sum, { shape }) => sum + (shape[along] ?? 0), 0)
    return [{ datatype: first.datatype, shape: first.shape.map((size, axis) => (axis === along ? total : size)) }]
  },
  gradient(t, operation, dy) {
    let at = 0
    for (const name of operation.inputs) {
      const shape = t.shape(name)
      const axis = axisOf(intOf(operation, 'axis', 0), shape.length)
      const end = at + (shape[axis] ?? 0)
      if (t.wants(name)) t.add(name, t.emit('Slice', [dy, t.ints([at]), t.ints([end]), t.ints([axis])]))
      at = end
    }
    return undefined
  },
}
