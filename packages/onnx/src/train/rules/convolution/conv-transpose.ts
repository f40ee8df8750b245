/**
 * ConvTranspose: the gradient of its input is a convolution, and the gradient of its weight that of a convolution in
 * which input and gradient have changed places.
 */
import { intOf, intsOf, type Operation, textOf } from '../../operation.ts'
import { type Rule, unsupported } from '../rule.ts'
import { channelSum } from './conv.ts'

const PLAIN = 'one group, no auto_pad, no output_shape'

const isPlain = (operation: Operation) =>
  intOf(operation, 'group', 1) === 1 &&
  ['NOTSET', ''].includes(textOf(operation, 'auto_pad', '')) &&
  !intsOf(operation, 'output_shape')

export const convTranspose: Rule = {
  operator: 'ConvTranspose',
  limits: PLAIN,
  infer({ operation, inputs: [x, w] }) {
    if (!x || !w) return unsupported('has no weight')
    if (!isPlain(operation)) return unsupported(`is supported with ${PLAIN}`)
    const { strides, dilations, pads, padding } = settingsOf(operation, x.shape.length - 2)
    const sizes = x.shape.slice(2).map((size, axis) => {
      const reach = ((w.shape[axis + 2] ?? 1) - 1) * (dilations[axis] ?? 1) + 1
      const cut = (pads[axis] ?? 0) + (pads[axis + x.shape.length - 2] ?? 0)
      return (size - 1) * (strides[axis] ?? 1) + reach - cut + (padding[axis] ?? 0)
    })
    return [{ datatype: x.datatype, shape: [x.shape[0] ?? 0, w.shape[1] ?? 0, ...sizes] }]
  },
  gradient(t, operation, dy) {
    const [x = '', w = '', bias] = operation.inputs
    const spatial = t.shape(x).length - 2
    const { strides, dilations, pads } = settingsOf(operation, spatial)
    const sizes = { strides: { ints: strides }, dilations: { ints: dilations }, pads: { ints: pads } }
    // An output_padding only adds rows that no window of the convolution reaches.
    if (t.wants(x)) t.add(x, t.emit('Conv', [dy, w], sizes))
    if (t.wants(bias)) t.add(bias, channelSum(t, dy, spatial))
    if (!t.wants(w)) return undefined
    const axes = Array.from({ length: spatial }, (_, axis) => axis + 2)
    const swap = { perm: { ints: [1, 0, ...axes] } }
    const [left, right] = [t.emit('Transpose', [dy], swap), t.emit('Transpose', [x], swap)]
    const turned = { strides: { ints: dilations }, dilations: { ints: strides }, pads: { ints: pads } }
    const product = t.emit('Conv', [left, right], turned)
    const cut = t.emit('Slice', [product, t.ints(axes.map(() => 0)), t.ints(t.shape(w).slice(2)), t.ints(axes)])
    t.add(w, t.emit('Transpose', [cut], swap))
    return undefined
  },
}

function settingsOf(operation: Operation, spatial: number) {
  const all = (value: number, count: number) => new Array<number>(count).fill(value)
  return {
    strides: intsOf(operation, 'strides') ?? all(1, spatial),
    dilations: intsOf(operation, 'dilations') ?? all(1, spatial),
    pads: intsOf(operation, 'pads') ?? all(0, spatial * 2),
    padding: intsOf(operation, 'output_padding') ?? all(0, spatial),
  }
}
