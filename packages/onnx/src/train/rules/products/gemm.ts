/** [ONNX operators, Gemm] Y = alpha A' B' + beta C. */
import { floatOf, intOf } from '../../operation.ts'
import { reduceTo } from '../broadcast.ts'
import { type Rule, unsupported } from '../rule.ts'

export const gemm: Rule = {
  operator: 'Gemm',
  infer({ operation, inputs: [a, b] }) {
    if (a?.shape.length !== 2 || b?.shape.length !== 2) return unsupported('has an operand that is no matrix')
    const rows = a.shape[intOf(operation, 'transA', 0)] ?? 0
    const columns = b.shape[1 - intOf(operation, 'transB', 0)] ?? 0
    return [{ datatype: a.datatype, shape: [rows, columns] }]
  },
  gradient(t, operation, dy) {
    const [a = '', b = '', c] = operation.inputs
    const [y = ''] = operation.outputs
    const [transA, transB] = [intOf(operation, 'transA', 0), intOf(operation, 'transB', 0)]
    const scale = floatOf(operation, 'alpha', 1)
    const alpha = { float: scale }
    const turned = (left: number, right: number) => ({ transA: { int: left }, transB: { int: right }, alpha })
    if (t.wants(a))
      t.add(a, transA ? t.emit('Gemm', [b, dy], turned(transB, 1)) : t.emit('Gemm', [dy, b], turned(0, 1 - transB)))
    if (t.wants(b))
      t.add(b, transB ? t.emit('Gemm', [dy, a], turned(1, transA)) : t.emit('Gemm', [a, dy], turned(1 - transA, 0)))
    if (t.wants(c)) {
      const beta = floatOf(operation, 'beta', 1)
      const sum = reduceTo(t, dy, t.shape(y), t.shape(c))
      t.add(c, beta === 1 ? sum : t.emit('Mul', [sum, t.float(beta)]))
    }
    return undefined
  },
}
