/** Reshape, Flatten, Squeeze and Unsqueeze: the gradient takes the shape of the input. */
import { axisOf, intOf, type Operation } from '../../operation.ts'
import {
  type Backward,
  elementsOf,
  type Fact,
  type Inference,
  type Rule,
  type Unsupported,
  unsupported,
} from '../rule.ts'

function gradient(t: Backward, { inputs: [x = ''] }: Operation, dy: string) {
  t.add(x, t.emit('Reshape', [dy, t.ints(t.shape(x))]))
  return undefined
}

const shaped = (x: Fact, shape: readonly number[]): readonly Fact[] | Unsupported =>
  elementsOf(shape) === elementsOf(x.shape)
    ? [{ datatype: x.datatype, shape }]
    : unsupported(
        `has the shape [${shape.join(', ')}], which fixes the number of rows; export the model with a symbolic one`,
      )

/** [ONNX operators, Reshape] Zero keeps a dimension, and -1 takes the rest. */
function inferReshape({ operation, inputs: [x, wanted] }: Inference): readonly Fact[] | Unsupported {
  const sizes = wanted?.numbers
  if (!x || !sizes) return unsupported('has a shape that is not constant')
  const isZeroKept = intOf(operation, 'allowzero', 0) === 0
  const kept = sizes.map((size, axis) => (size === 0 && isZeroKept ? (x.shape[axis] ?? 0) : size))
  const known = elementsOf(kept.filter((size) => size !== -1))
  const rest = elementsOf(x.shape) / known
  return shaped(
    x,
    kept.map((size) => (size === -1 ? rest : size)),
  )
}

export const reshape: Rule = { operator: 'Reshape', limits: 'a constant shape', infer: inferReshape, gradient }

export const flatten: Rule = {
  operator: 'Flatten',
  infer({ operation, inputs: [x] }) {
    if (!x) return unsupported('has no input')
    const axis = axisOf(intOf(operation, 'axis', 1), x.shape.length)
    return shaped(x, [elementsOf(x.shape.slice(0, axis)), elementsOf(x.shape.slice(axis))])
  },
  gradient,
}

export const squeeze: Rule = {
  operator: 'Squeeze',
  limits: 'constant axes',
  infer({ inputs: [x, named] }) {
    if (!x || (named && !named.numbers)) return unsupported('has axes that are not constant')
    const axes = named?.numbers?.map((axis) => axisOf(axis, x.shape.length))
    const isGone = (size: number, axis: number) => (axes ? axes.includes(axis) : size === 1)
    return shaped(
      x,
      x.shape.filter((size, axis) => !isGone(size, axis)),
    )
  },
  gradient,
}

export const unsqueeze: Rule = {
  operator: 'Unsqueeze',
  limits: 'constant axes',
  infer({ inputs: [x, named] }) {
    if (!x || !named?.numbers) return unsupported('has axes that are not constant')
    const rank = x.shape.length + named.numbers.length
    const axes = new Set(named.numbers.map((axis) => axisOf(axis, rank)))
    const sizes = [...x.shape]
    return shaped(
      x,
      Array.from({ length: rank }, (_, axis) => (axes.has(axis) ? 1 : (sizes.shift() ?? 1))),
    )
  },
  gradient,
}
