/** Broadcasting: [ONNX, Broadcasting] the shape of two operands together, and the way back to the shape of one. */
import type { Operation } from '../operation.ts'
import { type Backward, type Fact, type Inference, type Rule, type Unsupported, unsupported } from './rule.ts'

/** Undefined if the shapes do not fit together. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const rank = Math.max(a.length, b.length)
  const sizes = Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1
    const right = b[axis - rank + b.length] ?? 1
    return left === right || right === 1 ? left : left === 1 ? right : -1
  })
  return sizes.includes(-1) ? undefined : sizes
}

export function inferBroadcast({ inputs }: Inference): readonly Fact[] | Unsupported {
  const [first] = inputs
  const shapes = inputs.flatMap((fact) => (fact ? [fact.shape] : []))
  const shape = shapes.reduce<readonly number[] | undefined>(
    (all, next) => all && broadcastShape(all, next),
    shapes[0] ?? [],
  )
  if (!first || !shape) return unsupported('has inputs whose shapes do not fit together')
  return [{ datatype: first.datatype, shape }]
}

/** Sums a gradient over the axes along which an operand was repeated. */
export function reduceTo(t: Backward, gradient: string, from: readonly number[], to: readonly number[]): string {
  const extra = from.length - to.length
  const leading = Array.from({ length: extra }, (_, axis) => axis)
  const inner = to.flatMap((size, axis) => (size === 1 && from[axis + extra] !== 1 ? [axis + extra] : []))
  const axes = [...leading, ...inner]
  if (axes.length === 0) return gradient
  if (inner.length === 0) return t.emit('ReduceSum', [gradient, t.ints(axes)], { keepdims: { int: 0 } })
  const summed = t.emit('ReduceSum', [gradient, t.ints(axes)], { keepdims: { int: 1 } })
  return extra === 0 ? summed : t.emit('Reshape', [summed, t.ints(to)])
}

type Binary = { a: string; b: string; y: string; dy: string }
type Side = (backward: Backward, values: Binary) => string

/** A rule of a function of two operands, with the gradient of each before the sum over repeated axes. */
export const binaryRule = (operator: string, left: Side, right: Side): Rule => ({
  operator,
  infer: inferBroadcast,
  gradient(t, operation: Operation, dy) {
    const [a = '', b = ''] = operation.inputs
    const [y = ''] = operation.outputs
    const values = { a, b, y, dy }
    const from = t.shape(y)
    if (t.wants(a)) t.add(a, reduceTo(t, left(t, values), from, t.shape(a)))
    if (t.wants(b)) t.add(b, reduceTo(t, right(t, values), from, t.shape(b)))
    return undefined
  },
})
