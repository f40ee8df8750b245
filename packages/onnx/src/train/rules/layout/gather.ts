/**
 * Rows of a table by their numbers. The gradients of a row that is read twice are added: `ScatterElements` does that in
 * one thread and in the order of the rows, so that repetitions give the same bits.
 */
import { axisOf, intOf } from '../../operation.ts'
import { elementsOf, type Rule, unsupported } from '../rule.ts'

export const gather: Rule = {
  operator: 'Gather',
  infer({ operation, inputs: [x, rows] }) {
    if (!x || !rows) return unsupported('has no numbers of rows')
    const axis = axisOf(intOf(operation, 'axis', 0), x.shape.length)
    return [{ datatype: x.datatype, shape: [...x.shape.slice(0, axis), ...rows.shape, ...x.shape.slice(axis + 1)] }]
  },
  gradient(t, operation, dy) {
    const [x = '', rows = ''] = operation.inputs
    const shape = t.shape(x)
    const axis = axisOf(intOf(operation, 'axis', 0), shape.length)
    const [before, size, after] = [
      elementsOf(shape.slice(0, axis)),
      shape[axis] ?? 0,
      elementsOf(shape.slice(axis + 1)),
    ]
    const count = elementsOf(t.shape(rows))
    const updates = t.emit('Reshape', [dy, t.ints([before, count, after])])
    const indices = t.emit('Expand', [
      t.emit('Reshape', [wrapped(), t.ints([1, count, 1])]),
      t.ints([before, count, after]),
    ])
    const zeros = t.emit('Expand', [t.float(0), t.ints([before, size, after])])
    const added = t.emit('ScatterElements', [zeros, indices, updates], { axis: { int: 1 }, reduction: { text: 'add' } })
    t.add(x, t.emit('Reshape', [added, t.ints(shape)]))
    return undefined

    function wrapped() {
      return t.fact(rows).datatype === 'INT64' ? rows : t.emit('Cast', [rows], { to: { int: INT64 } })
    }
  },
}

/** [onnx.proto, TensorProto.DataType] */
const INT64 = 7
