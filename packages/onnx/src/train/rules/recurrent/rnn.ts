/** [ONNX operators, RNN] h = tanh(x W + h R + b) */
import { recurrentRule } from './unrolled.ts'

export const rnn = recurrentRule({
  operator: 'RNN',
  gates: 1,
  joinsBiases: () => true,
  step(t, { recurrent }, input, state) {
    const sum = t.emit('Gemm', [state.hidden, recurrent, input], { transB: { int: 1 } })
    return { hidden: t.emit('Tanh', [sum]), cell: state.cell }
  },
})
