import { intsOf, type Operation } from '../../operation.ts'
import { type Rule, unsupported } from '../rule.ts'

/** [ONNX operators, Transpose] Without `perm`, all axes are reversed. */
const permutation = (operation: Operation, rank: number): readonly number[] =>
  intsOf(operation, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)

export const transpose: Rule = {
  operator: 'Transpose',
  infer({ operation, inputs: [x] }) {
    if (!x) return unsupported('has no input')
    return [{ datatype: x.datatype, shape: permutation(operation, x.shape.length).map((axis) => x.shape[axis] ?? 0) }]
  },
  gradient(t, operation, dy) {
    const [x = ''] = operation.inputs
    const perm = permutation(operation, t.shape(x).length)
    const back = perm.map((_, axis) => perm.indexOf(axis))
    t.add(x, t.emit('Transpose', [dy], { perm: { ints: back } }))
    return undefined
  },
}
