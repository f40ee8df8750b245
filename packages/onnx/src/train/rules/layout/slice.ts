/** The gradient stands at its place among zeros. */
import { axisOf } from '../../operation.ts'
import { type Fact, type Rule, type Unsupported, unsupported } from '../rule.ts'

type Range = { axis: number; start: number; end: number }

/** The ranges by axis: [ONNX operators, Slice] negative bounds count from the end, and all are cut to the size. */
export function rangesOfSlice(x: Fact, bounds: readonly (Fact | undefined)[]): Range[] | Unsupported {
  const [starts, ends, axes, steps] = bounds.map((fact) => fact?.numbers)
  if (!starts || !ends || (bounds[2] && !axes) || (bounds[3] && !steps))
    return unsupported('has bounds that are not constant')
  if (steps?.some((step) => step !== 1)) return unsupported('has a step other than 1')
  return starts.map((start, index) => {
    const axis = axisOf(axes?.[index] ?? index, x.shape.length)
    const size = x.shape[axis] ?? 0
    const cut = (bound: number) => Math.max(0, Math.min(size, bound < 0 ? bound + size : bound))
    return { axis, start: cut(start), end: cut(ends[index] ?? size) }
  })
}

export const slice: Rule = {
  operator: 'Slice',
  limits: 'constant bounds, steps of 1',
  infer({ inputs: [x, ...bounds] }) {
    if (!x) return unsupported('has no input')
    const ranges = rangesOfSlice(x, bounds)
    if ('unsupported' in ranges) return ranges
    const sizes = new Map(ranges.map(({ axis, start, end }) => [axis, Math.max(0, end - start)]))
    return [{ datatype: x.datatype, shape: x.shape.map((size, axis) => sizes.get(axis) ?? size) }]
  },
  gradient(t, { inputs: [x = '', ...bounds] }, dy) {
    const fact = t.fact(x)
    const ranges = rangesOfSlice(
      fact,
      bounds.map((name) => (name ? t.fact(name) : undefined)),
    )
    if ('unsupported' in ranges) return ranges
    const before = fact.shape.map((_, axis) => ranges.find((range) => range.axis === axis)?.start ?? 0)
    const after = fact.shape.map((size, axis) => size - (ranges.find((range) => range.axis === axis)?.end ?? size))
    t.add(x, t.emit('Pad', [dy, t.ints([...before, ...after])]))
    return undefined
  },
}
