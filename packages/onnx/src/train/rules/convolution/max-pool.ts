/**
 * MaxPool gives the places of its maxima as a second output. `MaxUnpool` puts the gradient there if no window overlaps
 * another and none is padded; else places occur twice, and `ScatterElements` adds.
 */
import { intOf, intsOf, type Operation } from '../../operation.ts'
import { type Backward, elementsOf, type Fact, type Rule, unsupported } from '../rule.ts'
import { windowOf } from './window.ts'

export const maxPool: Rule = {
  operator: 'MaxPool',
  limits: 'row-major indices',
  infer({ operation, inputs: [x] }) {
    if (!x) return unsupported('has no input')
    if (intOf(operation, 'storage_order', 0) !== 0) return unsupported('has column-major indices')
    const { sizes } = windowOf(operation, x.shape.slice(2), intsOf(operation, 'kernel_shape') ?? [])
    const shape = [...x.shape.slice(0, 2), ...sizes]
    const facts: Fact[] = [
      { datatype: x.datatype, shape },
      { datatype: 'INT64', shape },
    ]
    return facts.slice(0, operation.outputs.length)
  },
  gradient(t, operation, dy) {
    const [x = ''] = operation.inputs
    const [, indices] = operation.outputs
    if (!indices) return unsupported('has no indices')
    const input = t.shape(x).slice(2)
    const { kernel, strides, pads, sizes, dilations } = windowOf(
      operation,
      input,
      intsOf(operation, 'kernel_shape') ?? [],
    )
    const isApart =
      strides.every((stride, axis) => stride >= (kernel[axis] ?? 1)) && dilations.every((each) => each === 1)
    // MaxUnpool of onnxruntime knows one to three spatial axes.
    const isInside =
      pads.every((pad) => pad === 0) && sizes.every((size, axis) => fits(size, axis, { input, kernel, strides }))
    const isPlain = isApart && isInside && input.length <= 3
    t.add(x, isPlain ? unpooled(t, { x, dy, indices, kernel, strides }) : scattered(t, { x, dy, indices }))
    return undefined
  },
}

type Sizes = { input: readonly number[]; kernel: readonly number[]; strides: readonly number[] }

/** With ceil_mode the last window can reach over the end. */
const fits = (size: number, axis: number, { input, kernel, strides }: Sizes) =>
  (size - 1) * (strides[axis] ?? 1) + (kernel[axis] ?? 1) <= (input[axis] ?? 0)

type Values = { x: string; dy: string; indices: string }

function unpooled(t: Backward, { x, dy, indices, kernel, strides }: Values & Omit<Sizes, 'input'>): string {
  return t.emit('MaxUnpool', [dy, indices, t.ints(t.shape(x))], {
    kernel_shape: { ints: kernel },
    strides: { ints: strides },
  })
}

function scattered(t: Backward, { x, dy, indices }: Values): string {
  const flat = t.ints([-1])
  const zeros = t.emit('Expand', [t.float(0), t.ints([elementsOf(t.shape(x))])])
  const places = t.emit('Reshape', [indices, flat])
  const updates = t.emit('Reshape', [dy, flat])
  const sums = t.emit('ScatterElements', [zeros, places, updates], { axis: { int: 0 }, reduction: { text: 'add' } })
  return t.emit('Reshape', [sums, t.ints(t.shape(x))])
}

/** The pool with its second output, which a gradient needs. */
export const withIndices = (operation: Operation): Operation =>
  operation.operator === 'MaxPool' && operation.outputs.length < 2
    ? { ...operation, outputs: [...operation.outputs, `${operation.outputs[0]}/indices`] }
    : operation
