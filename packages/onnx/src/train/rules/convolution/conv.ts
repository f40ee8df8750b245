/**
 * Conv with strides, dilations, pads and groups. The gradient of the input is a transposed convolution: where the
 * strides do not divide the input, `output_padding` restores its size. The gradient of the weight is a convolution of
 * input and gradient with batch and channels exchanged, in which strides become dilations and dilations strides.
 */
import { intOf } from '../../operation.ts'
import { type Backward, type Rule, unsupported } from '../rule.ts'
import { restOf, type Window, windowOf } from './window.ts'

export const conv: Rule = {
  operator: 'Conv',
  infer({ operation, inputs: [x, w] }) {
    if (!x || !w || x.shape.length < 3 || x.shape.length !== w.shape.length) return unsupported('has no spatial axes')
    const { sizes } = windowOf(operation, x.shape.slice(2), w.shape.slice(2))
    return [{ datatype: x.datatype, shape: [x.shape[0] ?? 0, w.shape[0] ?? 0, ...sizes] }]
  },
  gradient(t, operation, dy) {
    const [x = '', w = '', bias] = operation.inputs
    const input = t.shape(x).slice(2)
    const window = windowOf(operation, input, t.shape(w).slice(2))
    const values = { x, w, dy, window, group: intOf(operation, 'group', 1) }
    if (t.wants(x)) t.add(x, inputGradient(t, values, restOf(window, input)))
    if (t.wants(w)) t.add(w, weightGradient(t, values))
    if (t.wants(bias)) t.add(bias, channelSum(t, dy, input.length))
    return undefined
  },
}

export const channelSum = (t: Backward, dy: string, spatial: number): string => {
  const axes = Array.from({ length: spatial }, (_, axis) => axis + 2)
  return t.emit('ReduceSum', [dy, t.ints([0, ...axes])], { keepdims: { int: 0 } })
}

type Values = { x: string; w: string; dy: string; window: Window; group: number }

function inputGradient(t: Backward, { w, dy, window, group }: Values, rest: number[]): string {
  const { kernel, strides, dilations, pads } = window
  return t.emit('ConvTranspose', [dy, w], {
    kernel_shape: { ints: kernel },
    strides: { ints: strides },
    dilations: { ints: dilations },
    pads: { ints: pads },
    group: { int: group },
    ...(rest.some((size) => size > 0) && { output_padding: { ints: rest } }),
  })
}

/**
 * [C / g, g B, ...] convolved with [M, B, ...] in g groups gives [C / g, M, ...], and the weight is [M, C / g, ...].
 */
function weightGradient(t: Backward, { x, w, dy, window, group }: Values): string {
  const { kernel, strides, dilations, pads } = window
  const swap = { perm: { ints: [1, 0, ...kernel.map((_, axis) => axis + 2)] } }
  const left = group === 1 ? t.emit('Transpose', [x], swap) : byGroup(t, x, group)
  const right = t.emit('Transpose', [dy], swap)
  const product = t.emit('Conv', [left, right], {
    dilations: { ints: strides },
    strides: { ints: dilations },
    pads: { ints: pads },
    group: { int: group },
  })
  const axes = kernel.map((_, axis) => axis + 2)
  const rest = restOf(window, t.shape(x).slice(2))
  const isLonger = rest.some((size, axis) => size >= (dilations[axis] ?? 1))
  const cut = isLonger
    ? t.emit('Slice', [product, t.ints(kernel.map(() => 0)), t.ints(t.shape(w).slice(2)), t.ints(axes)])
    : product
  return t.emit('Transpose', [cut], swap)
}

function byGroup(t: Backward, x: string, group: number): string {
  const [rows = 0, channels = 0, ...sizes] = t.shape(x)
  const parted = t.emit('Reshape', [x, t.ints([rows, group, channels / group, ...sizes])])
  const perm = [2, 1, 0, ...sizes.map((_, axis) => axis + 3)]
  const turned = t.emit('Transpose', [parted], { perm: { ints: perm } })
  return t.emit('Reshape', [turned, t.ints([channels / group, group * rows, ...sizes])])
}
