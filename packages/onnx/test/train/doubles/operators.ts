/** The operators of the reference: functions of elements, and those that move elements. */
import type { AttributePart } from '../../../src/build.ts'
import { at, count, type Double, double, elementwise, indicesOf, replaced, reshaped } from './double.ts'

export type Given = { inputs: readonly (Double | undefined)[]; setting: Setting; outputs: number }
export type Setting = {
  int(name: string, fallback: number): number
  ints(name: string, fallback: readonly number[]): readonly number[]
  float(name: string, fallback: number): number
  text(name: string, fallback: string): string
  has(name: string): boolean
}
export type Operator = (given: Given) => Double | Double[]

export function settingOf(attributes: Readonly<Record<string, AttributePart>> = {}): Setting {
  const read = <Value>(name: string, key: string, fallback: Value): Value =>
    ((attributes[name] as Record<string, unknown> | undefined)?.[key] as Value | undefined) ?? fallback
  return {
    int: (name, fallback) => read(name, 'int', fallback),
    ints: (name, fallback) => read(name, 'ints', fallback),
    float: (name, fallback) => read(name, 'float', fallback),
    text: (name, fallback) => read(name, 'text', fallback),
    has: (name) => name in attributes,
  }
}

export function need(x: Double | undefined): Double {
  if (!x) throw new Error('an operator of the reference misses an input')
  return x
}

const numbers = (x: Double | undefined): number[] | undefined => x && [...x.data]
const axisOf = (axis: number, { shape }: Double) => (axis < 0 ? axis + shape.length : axis)

const unary =
  (compute: (x: number, setting: Setting) => number): Operator =>
  ({ inputs, setting }) =>
    elementwise([need(inputs[0])], (x) => compute(x, setting))

const many =
  (compute: (...values: number[]) => number): Operator =>
  ({ inputs }) =>
    elementwise(inputs.map(need), compute)

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/** The series of the error function; 60 terms are exact to float64 for arguments up to 4. */
function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < 60; n++) {
    term *= -(x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

const cut = (x: number, low: number, high: number) => Math.max(low, Math.min(high, x))
const hardSigmoid = (x: number, alpha: number, beta: number) => cut(alpha * x + beta, 0, 1)

function gelu(x: number, setting: Setting): number {
  if (setting.text('approximate', 'none') === 'none') return 0.5 * x * (1 + erf(x / Math.SQRT2))
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
}

function softmax({ inputs: [given], setting }: Given, isLog: boolean): Double {
  const x = need(given)
  const axis = axisOf(setting.int('axis', -1), x)
  return double(x.shape, (index) => {
    const others = Array.from({ length: x.shape[axis] ?? 0 }, (_, other) =>
      at(x, replaced(index, new Map([[axis, other]]))),
    )
    const log = at(x, index) - Math.log(others.reduce((sum, other) => sum + Math.exp(other), 0))
    return isLog ? log : Math.exp(log)
  })
}

function reduce({ inputs: [given, named], setting }: Given, isMean: boolean): Double {
  const x = need(given)
  const all = x.shape.map((_, axis) => axis)
  const axes = (numbers(named) ?? setting.ints('axes', all)).map((axis) => axisOf(axis, x))
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const sums = new Map<number, number>()
  const sum = double(kept, () => 0)
  for (const index of indicesOf(x.shape)) {
    const flat = kept.reduce((place, size, axis) => place * size + (size === 1 ? 0 : (index[axis] ?? 0)), 0)
    sums.set(flat, (sums.get(flat) ?? 0) + at(x, index))
  }
  const share = isMean ? count(kept) / count(x.shape) : 1
  for (const [flat, value] of sums) sum.data[flat] = value * share
  return setting.int('keepdims', 1)
    ? sum
    : reshaped(
        sum,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      )
}

function reshape({ inputs: [given, wanted] }: Given): Double {
  const x = need(given)
  const shape = (numbers(wanted) ?? []).map((size, axis) => (size === 0 ? (x.shape[axis] ?? 0) : size))
  const known = count(shape.filter((size) => size !== -1))
  return reshaped(
    x,
    shape.map((size) => (size === -1 ? x.data.length / known : size)),
  )
}

function squeeze({ inputs: [given, named] }: Given): Double {
  const x = need(given)
  const axes = numbers(named)?.map((axis) => axisOf(axis, x))
  return reshaped(
    x,
    x.shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)),
  )
}

function unsqueeze({ inputs: [given, named] }: Given): Double {
  const x = need(given)
  const listed = numbers(named) ?? []
  const axes = listed.map((axis) => (axis < 0 ? axis + x.shape.length + listed.length : axis))
  const shape = [...x.shape]
  for (const axis of axes.sort((a, b) => a - b)) shape.splice(axis, 0, 1)
  return reshaped(x, shape)
}

function transpose({ inputs: [given], setting }: Given): Double {
  const x = need(given)
  const perm = setting.ints(
    'perm',
    x.shape.map((_, axis) => x.shape.length - 1 - axis),
  )
  return double(
    perm.map((axis) => x.shape[axis] ?? 0),
    (index) =>
      at(
        x,
        x.shape.map((_, axis) => index[perm.indexOf(axis)] ?? 0),
      ),
  )
}

function concat({ inputs, setting }: Given): Double {
  const xs = inputs.map(need)
  const first = need(xs[0])
  const axis = axisOf(setting.int('axis', 0), first)
  const sizes = xs.map(({ shape }) => shape[axis] ?? 0)
  const total = sizes.reduce((a, b) => a + b)
  return double(
    first.shape.map((size, own) => (own === axis ? total : size)),
    (index) => {
      let place = index[axis] ?? 0
      const part = sizes.findIndex((size) => {
        if (place < size) return true
        place -= size
        return false
      })
      return at(need(xs[part]), replaced(index, new Map([[axis, place]])))
    },
  )
}

function split({ inputs: [given, lengths], setting, outputs }: Given): Double[] {
  const x = need(given)
  const axis = axisOf(setting.int('axis', 0), x)
  const sizes = numbers(lengths) ?? new Array<number>(outputs).fill((x.shape[axis] ?? 0) / outputs)
  return sizes.map((size, part) => {
    const from = sizes.slice(0, part).reduce((a, b) => a + b, 0)
    return double(
      x.shape.map((other, own) => (own === axis ? size : other)),
      (index) => at(x, replaced(index, new Map([[axis, from + (index[axis] ?? 0)]]))),
    )
  })
}

function slice({ inputs: [given, starts, ends, named] }: Given): Double {
  const x = need(given)
  const from = numbers(starts) ?? []
  const axes = (numbers(named) ?? from.map((_, axis) => axis)).map((axis) => axisOf(axis, x))
  const bound = (value: number, axis: number) =>
    cut(value < 0 ? value + (x.shape[axis] ?? 0) : value, 0, x.shape[axis] ?? 0)
  const begins = new Map(axes.map((axis, at_) => [axis, bound(from[at_] ?? 0, axis)]))
  const stops = new Map(axes.map((axis, at_) => [axis, bound(numbers(ends)?.[at_] ?? 0, axis)]))
  const shape = x.shape.map((size, axis) => (stops.get(axis) ?? size) - (begins.get(axis) ?? 0))
  return double(shape, (index) =>
    at(
      x,
      index.map((each, axis) => each + (begins.get(axis) ?? 0)),
    ),
  )
}

function pad({ inputs: [given, pads, value] }: Given): Double {
  const x = need(given)
  const sizes = numbers(pads) ?? []
  const rank = x.shape.length
  const shape = x.shape.map((size, axis) => size + (sizes[axis] ?? 0) + (sizes[axis + rank] ?? 0))
  return double(shape, (index) => {
    const inner = index.map((each, axis) => each - (sizes[axis] ?? 0))
    const isInside = inner.every((each, axis) => each >= 0 && each < (x.shape[axis] ?? 0))
    return isInside ? at(x, inner) : (value?.data[0] ?? 0)
  })
}

function gather({ inputs: [given, indices], setting }: Given): Double {
  const x = need(given)
  const rows = need(indices)
  const axis = axisOf(setting.int('axis', 0), x)
  const [before, after] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)]
  return double([...before, ...rows.shape, ...after], (index) => {
    const row = at(rows, index.slice(axis, axis + rows.shape.length))
    return at(x, [
      ...index.slice(0, axis),
      row < 0 ? row + (x.shape[axis] ?? 0) : row,
      ...index.slice(axis + rows.shape.length),
    ])
  })
}

function flatten({ inputs: [given], setting }: Given): Double {
  const x = need(given)
  const axis = axisOf(setting.int('axis', 1), x)
  return reshaped(x, [count(x.shape.slice(0, axis)), count(x.shape.slice(axis))])
}

const same: Operator = ({ inputs: [x] }) => need(x)

export const elementOperators: ReadonlyMap<string, Operator> = new Map([
  ['Add', many((a, b) => a + b)],
  ['Sub', many((a, b) => a - b)],
  ['Mul', many((a, b) => a * b)],
  ['Div', many((a, b) => a / b)],
  ['Pow', many((a, b) => a ** b)],
  ['Max', many(Math.max)],
  ['Min', many(Math.min)],
  ['Greater', many((a, b) => Number(a > b))],
  ['Where', many((condition, a, b) => (condition ? a : b))],
  ['PRelu', many((x, slope) => (x > 0 ? x : slope * x))],
  ['Neg', unary((x) => -x)],
  ['Abs', unary(Math.abs)],
  ['Exp', unary(Math.exp)],
  ['Log', unary(Math.log)],
  ['Sqrt', unary(Math.sqrt)],
  ['Reciprocal', unary((x) => 1 / x)],
  ['Relu', unary((x) => Math.max(0, x))],
  ['LeakyRelu', unary((x, setting) => (x > 0 ? x : setting.float('alpha', 0.01) * x))],
  ['Elu', unary((x, setting) => (x > 0 ? x : setting.float('alpha', 1) * (Math.exp(x) - 1)))],
  ['Sigmoid', unary(sigmoid)],
  ['HardSigmoid', unary((x, setting) => hardSigmoid(x, setting.float('alpha', 0.2), setting.float('beta', 0.5)))],
  ['HardSwish', unary((x) => x * hardSigmoid(x, 1 / 6, 0.5))],
  ['Tanh', unary(Math.tanh)],
  ['Softplus', unary((x) => Math.log1p(Math.exp(x)))],
  ['Erf', unary(erf)],
  ['Gelu', unary(gelu)],
  [
    'Clip',
    ({ inputs: [x, low, high] }) =>
      elementwise([need(x)], (value) => cut(value, low?.data[0] ?? -Infinity, high?.data[0] ?? Infinity)),
  ],
  ['Softmax', (given) => softmax(given, false)],
  ['LogSoftmax', (given) => softmax(given, true)],
  ['ReduceSum', (given) => reduce(given, false)],
  ['ReduceMean', (given) => reduce(given, true)],
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Transpose', transpose],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Pad', pad],
  ['Gather', gather],
  ['Expand', ({ inputs: [x, shape] }) => elementwise([need(x), double(numbers(shape) ?? [], () => 0)], (a) => a)],
  ['Identity', same],
  ['Dropout', same],
  ['Cast', same],
  ['Shape', ({ inputs: [x] }) => double([need(x).shape.length], ([axis = 0]) => need(x).shape[axis] ?? 0)],
])
