/** The gradient of the padding is dropped. */
import { axisOf, textOf } from '../../operation.ts'
import { type Fact, type Rule, type Unsupported, unsupported } from '../rule.ts'

type Padding = { before: number[]; after: number[] }

function paddingOf(rank: number, pads: Fact | undefined, named: Fact | undefined): Padding | Unsupported {
  const numbers = pads?.numbers
  if (!numbers || (named && !named.numbers)) return unsupported('has pads that are not constant')
  if (numbers.some((pad) => pad < 0)) return unsupported('has negative pads')
  const axes = named?.numbers?.map((axis) => axisOf(axis, rank)) ?? Array.from({ length: rank }, (_, axis) => axis)
  const place = (values: readonly number[]) =>
    Array.from({ length: rank }, (_, axis) => values[axes.indexOf(axis)] ?? 0)
  return { before: place(numbers.slice(0, axes.length)), after: place(numbers.slice(axes.length)) }
}

export const pad: Rule = {
  operator: 'Pad',
  limits: 'mode constant, constant pads that are not negative',
  infer({ operation, inputs: [x, pads, , axes] }) {
    if (!x) return unsupported('has no input')
    if (textOf(operation, 'mode', 'constant') !== 'constant') return unsupported('has another mode than constant')
    const padding = paddingOf(x.shape.length, pads, axes)
    if ('unsupported' in padding) return padding
    const { before, after } = padding
    return [
      { datatype: x.datatype, shape: x.shape.map((size, axis) => size + (before[axis] ?? 0) + (after[axis] ?? 0)) },
    ]
  },
  gradient(t, { inputs: [x = '', pads = '', , axes] }, dy) {
    const shape = t.shape(x)
    const padding = paddingOf(shape.length, t.fact(pads), axes ? t.fact(axes) : undefined)
    if ('unsupported' in padding) return padding
    const ends = padding.before.map((pad, axis) => pad + (shape[axis] ?? 0))
    const all = shape.map((_, axis) => axis)
    t.add(x, t.emit('Slice', [dy, t.ints(padding.before), t.ints(ends), t.ints(all)]))
    return undefined
  },
}
