/** Windows of convolutions and pools: kernel, strides, dilations and pads of each spatial axis. */
import { intOf, intsOf, type Operation, textOf } from '../../operation.ts'

export type Window = {
  kernel: readonly number[]
  strides: readonly number[]
  dilations: readonly number[]
  /** Before each axis, then after each. */
  pads: readonly number[]
  /** The sizes of the output. */
  sizes: readonly number[]
}

/** [ONNX operators, Conv, MaxPool] `input` are the spatial sizes. */
export function windowOf(operation: Operation, input: readonly number[], kernel: readonly number[]): Window {
  const ones = input.map(() => 1)
  const strides = intsOf(operation, 'strides') ?? ones
  const dilations = intsOf(operation, 'dilations') ?? ones
  const reach = kernel.map((size, axis) => (size - 1) * (dilations[axis] ?? 1) + 1)
  const pads = padsOf(operation, { input, strides, reach })
  const round = intOf(operation, 'ceil_mode', 0) === 1 ? Math.ceil : Math.floor
  const sizes = input.map((size, axis) => {
    const [before, after, stride] = [pads[axis] ?? 0, pads[axis + input.length] ?? 0, strides[axis] ?? 1]
    const windows = round((size + before + after - (reach[axis] ?? 1)) / stride) + 1
    // With ceil_mode, a window that would begin behind the input and its front padding is left out.
    return round === Math.ceil && (windows - 1) * stride >= size + before ? windows - 1 : windows
  })
  return { kernel, strides, dilations, pads, sizes }
}

type Sizes = { input: readonly number[]; strides: readonly number[]; reach: readonly number[] }

function padsOf(operation: Operation, { input, strides, reach }: Sizes): readonly number[] {
  const none = input.flatMap(() => [0, 0])
  const mode = textOf(operation, 'auto_pad', 'NOTSET')
  if (mode === 'NOTSET' || mode === '') return intsOf(operation, 'pads') ?? none
  if (mode === 'VALID') return none
  const totals = input.map((size, axis) => {
    const stride = strides[axis] ?? 1
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + (reach[axis] ?? 1) - size)
  })
  const small = totals.map((total) => Math.floor(total / 2))
  const large = totals.map((total) => Math.ceil(total / 2))
  return mode === 'SAME_UPPER' ? [...small, ...large] : [...large, ...small]
}

/** The rows and columns at the end of the padded input that no window reaches. */
export const restOf = ({ kernel, strides, dilations, pads, sizes }: Window, input: readonly number[]): number[] =>
  input.map((size, axis) => {
    const padded = size + (pads[axis] ?? 0) + (pads[axis + input.length] ?? 0)
    const reach = ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1
    return padded - reach - ((sizes[axis] ?? 1) - 1) * (strides[axis] ?? 1)
  })
