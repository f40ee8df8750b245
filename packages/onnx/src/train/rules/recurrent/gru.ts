/** [ONNX operators, GRU] The gates stand in the order update, reset, hidden. */
import { intOf, type Operation } from '../../operation.ts'
import type { Lowering } from '../rule.ts'
import { type Cell, gateOf, recurrentRule } from './unrolled.ts'

/** Whether the reset gate is applied after the recurrent product, as PyTorch does. */
const isResetLate = (operation: Operation) => intOf(operation, 'linear_before_reset', 0) !== 0

export const gru = recurrentRule({
  operator: 'GRU',
  gates: 3,
  joinsBiases: (operation) => !isResetLate(operation),
  step(t: Lowering, cell: Cell, input, state) {
    const { hidden } = cell.sizes
    const early = isResetLate(t.operation) ? late(t, cell, input, state.hidden) : soon(t, cell, input, state.hidden)
    const update = gateOf(t, early.open, 0, 1, hidden)
    const fresh = t.emit('Tanh', [early.sum])
    // (1 - z) fresh + z old = fresh + z (old - fresh)
    const difference = t.emit('Sub', [state.hidden, fresh])
    const next = t.emit('Add', [fresh, t.emit('Mul', [update, difference])])
    return { hidden: next, cell: state.cell }
  },
})

type Gates = { open: string; sum: string }

function late(t: Lowering, { recurrent, recurrentBias, sizes: { hidden } }: Cell, input: string, old: string): Gates {
  const terms = [old, recurrent, ...(recurrentBias ? [recurrentBias] : [])]
  const product = t.emit('Gemm', terms, { transB: { int: 1 } })
  const sums = t.emit('Add', [gateOf(t, input, 0, 2, hidden), gateOf(t, product, 0, 2, hidden)])
  const open = t.emit('Sigmoid', [sums])
  const reset = t.emit('Mul', [gateOf(t, open, 1, 1, hidden), gateOf(t, product, 2, 1, hidden)])
  return { open, sum: t.emit('Add', [gateOf(t, input, 2, 1, hidden), reset]) }
}

function soon(t: Lowering, { recurrent, sizes: { hidden } }: Cell, input: string, old: string): Gates {
  const rows = (from: number, to: number) =>
    t.emit('Slice', [recurrent, t.ints([from * hidden]), t.ints([to * hidden]), t.ints([0])])
  const transB = { transB: { int: 1 } }
  const open = t.emit('Sigmoid', [t.emit('Gemm', [old, rows(0, 2), gateOf(t, input, 0, 2, hidden)], transB)])
  const reset = t.emit('Mul', [gateOf(t, open, 1, 1, hidden), old])
  return { open, sum: t.emit('Gemm', [reset, rows(2, 3), gateOf(t, input, 2, 1, hidden)], transB) }
}
