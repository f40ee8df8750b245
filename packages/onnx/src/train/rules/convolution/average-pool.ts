/**
 * AveragePool: each place gets the gradient of the windows that cover it, divided by the places that the window counts.
 * The sum over windows is a transposed convolution with ones, one channel a group.
 */
import { intOf, intsOf, type Operation } from '../../operation.ts'
import { type Backward, elementsOf, type Rule, unsupported } from '../rule.ts'
import { restOf, type Window, windowOf } from './window.ts'

/** The kernel of ones becomes a constant of the training model. Windows of models have some hundred places. */
const PLACES_MAX = 65_536

export const averagePool: Rule = {
  operator: 'AveragePool',
  limits: 'without ceil_mode, a window of at most 65,536 places',
  infer({ operation, inputs: [x] }) {
    if (!x) return unsupported('has no input')
    if (intOf(operation, 'ceil_mode', 0) !== 0) return unsupported('has ceil_mode')
    const kernel = intsOf(operation, 'kernel_shape') ?? []
    if (elementsOf(kernel) > PLACES_MAX) return unsupported('has a window of more than 65,536 places')
    const { sizes } = windowOf(operation, x.shape.slice(2), kernel)
    return [{ datatype: x.datatype, shape: [...x.shape.slice(0, 2), ...sizes] }]
  },
  gradient(t, operation, dy) {
    const [x = ''] = operation.inputs
    const [rows = 0, channels = 0, ...input] = t.shape(x)
    const window = windowOf(operation, input, intsOf(operation, 'kernel_shape') ?? [])
    const { kernel, strides, dilations, pads, sizes } = window
    // One channel a row: then one kernel of ones serves all of them.
    const flat = t.emit('Reshape', [
      sharesOf(t, operation, { dy, window, input }),
      t.ints([rows * channels, 1, ...sizes]),
    ])
    const ones = t.floats([1, 1, ...kernel], new Float32Array(elementsOf(kernel)).fill(1))
    const rest = restOf(window, input)
    const spread = t.emit('ConvTranspose', [flat, ones], {
      kernel_shape: { ints: kernel },
      strides: { ints: strides },
      dilations: { ints: dilations },
      pads: { ints: pads },
      ...(rest.some((size) => size > 0) && { output_padding: { ints: rest } }),
    })
    t.add(x, t.emit('Reshape', [spread, t.ints(t.shape(x))]))
    return undefined
  },
}

type Pooled = { dy: string; window: Window; input: readonly number[] }

/** [ONNX operators, AveragePool] `count_include_pad` counts padding as well. */
function sharesOf(t: Backward, operation: Operation, { dy, window, input }: Pooled): string {
  const isAllCounted = intOf(operation, 'count_include_pad', 0) === 1 || window.pads.every((pad) => pad === 0)
  if (isAllCounted) return t.emit('Mul', [dy, t.float(1 / elementsOf(window.kernel))])
  const counts = window.sizes.map((size, axis) => countsAlong(size, axis, window, input[axis] ?? 0))
  const shares = counts.reduce<number[]>((all, next) => all.flatMap((a) => next.map((b) => a * b)), [1])
  return t.emit('Div', [dy, t.floats([1, 1, ...window.sizes], Float32Array.from(shares))])
}

/** How many places of the input each window covers along one axis. */
function countsAlong(
  size: number,
  axis: number,
  { kernel, strides, dilations, pads }: Window,
  input: number,
): number[] {
  return Array.from({ length: size }, (_, window) => {
    const start = window * (strides[axis] ?? 1) - (pads[axis] ?? 0)
    const places = Array.from({ length: kernel[axis] ?? 1 }, (_unused, place) => start + place * (dilations[axis] ?? 1))
    return places.filter((place) => place >= 0 && place < input).length
  })
}
