/** ReduceSum and ReduceMean: each summand gets the gradient of its sum. */
import { axisOf, intOf, intsOf, type Operation } from '../../operation.ts'
import { elementsOf, type Fact, type Rule, unsupported } from '../rule.ts'

const LIMITS = 'constant axes'

/** [ReduceMean-18, ReduceSum-13] The axes became an input. All axes, if none are named. */
function axesOf(operation: Operation, rank: number, named: Fact | undefined): number[] | undefined {
  const listed = intsOf(operation, 'axes') ?? (named ? named.numbers : [])
  if (!listed) return undefined
  if (listed.length > 0) return listed.map((axis) => axisOf(axis, rank))
  return intOf(operation, 'noop_with_empty_axes', 0) ? [] : Array.from({ length: rank }, (_, axis) => axis)
}

const reduceRule = (operator: 'ReduceSum' | 'ReduceMean'): Rule => ({
  operator,
  limits: LIMITS,
  infer({ operation, inputs: [x, named] }) {
    const axes = x && axesOf(operation, x.shape.length, named)
    if (!x || !axes) return unsupported('has axes that are not constant')
    const keeps = intOf(operation, 'keepdims', 1) === 1
    const shape = x.shape.flatMap((size, axis) => (axes.includes(axis) ? (keeps ? [1] : []) : [size]))
    return [{ datatype: x.datatype, shape }]
  },
  gradient(t, operation, dy) {
    const [x = '', named] = operation.inputs
    const from = t.shape(x)
    const axes = axesOf(operation, from.length, named ? t.fact(named) : undefined) ?? []
    const kept = from.map((size, axis) => (axes.includes(axis) ? 1 : size))
    const share = operator === 'ReduceSum' ? 1 : elementsOf(kept) / elementsOf(from)
    const scaled = share === 1 ? dy : t.emit('Mul', [dy, t.float(share)])
    t.add(x, t.emit('Expand', [t.emit('Reshape', [scaled, t.ints(kept)]), t.ints(from)]))
    return undefined
  },
})

export const reduceSum = reduceRule('ReduceSum')
export const reduceMean = reduceRule('ReduceMean')
