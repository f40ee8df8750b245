/** [ONNX operators, LSTM] The gates stand in the order input, output, forget, cell. */
import type { Lowering } from '../rule.ts'
import { type Cell, gateOf, recurrentRule } from './unrolled.ts'

export const lstm = recurrentRule({
  operator: 'LSTM',
  gates: 4,
  joinsBiases: () => true,
  step(t: Lowering, { recurrent, sizes }: Cell, input, state) {
    const { hidden } = sizes
    const sums = t.emit('Gemm', [state.hidden, recurrent, input], { transB: { int: 1 } })
    const open = t.emit('Sigmoid', [gateOf(t, sums, 0, 3, hidden)])
    const fresh = t.emit('Tanh', [gateOf(t, sums, 3, 1, hidden)])
    const gate = (index: number) => gateOf(t, open, index, 1, hidden)
    const kept = t.emit('Mul', [gate(2), state.cell])
    const cell = t.emit('Add', [kept, t.emit('Mul', [gate(0), fresh])])
    return { cell, hidden: t.emit('Mul', [gate(1), t.emit('Tanh', [cell])]) }
  },
})
