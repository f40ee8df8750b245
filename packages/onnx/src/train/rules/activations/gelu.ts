/** [ONNX operators, Gelu] x / 2 (1 + erf(x / sqrt 2)), or by tanh. */
import { textOf } from '../../operation.ts'
import { type Lowering, type Rule, sameShape } from '../rule.ts'

export const gelu: Rule = {
  operator: 'Gelu',
  infer: sameShape,
  lower(t) {
    const [x = ''] = t.operation.inputs
    const curve = textOf(t.operation, 'approximate', 'none') === 'tanh' ? byTanh(t, x) : byErf(t, x)
    const half = t.emit('Mul', [x, t.float(0.5)])
    t.finish('Mul', [half, t.emit('Add', [curve, t.float(1)])])
    return true
  },
}

const byErf = (t: Lowering, x: string) => t.emit('Erf', [t.emit('Mul', [x, t.float(Math.SQRT1_2)])])

function byTanh(t: Lowering, x: string): string {
  const cube = t.emit('Mul', [t.emit('Mul', [x, x]), x])
  const sum = t.emit('Add', [x, t.emit('Mul', [cube, t.float(0.044715)])])
  return t.emit('Tanh', [t.emit('Mul', [sum, t.float(Math.sqrt(2 / Math.PI))])])
}
