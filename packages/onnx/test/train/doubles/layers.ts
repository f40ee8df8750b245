/** The layers of the reference: products, convolutions, pools, normalisations and recurrent cells. */
import { at, type Double, double, indicesOf, padded } from './double.ts'
import { type Given, need, type Operator, type Setting } from './operators.ts'

const sumOf = (shape: readonly number[], value: (index: readonly number[]) => number): number => {
  let sum = 0
  for (const index of indicesOf(shape)) sum += value(index)
  return sum
}

function gemm({ inputs: [left, right, bias], setting }: Given): Double {
  const [a, b] = [need(left), need(right)]
  const [isLeftTurned, isRightTurned] = [setting.int('transA', 0), setting.int('transB', 0)]
  const inner = a.shape[1 - isLeftTurned] ?? 0
  const [alpha, beta] = [setting.float('alpha', 1), setting.float('beta', 1)]
  return double([a.shape[isLeftTurned] ?? 0, b.shape[1 - isRightTurned] ?? 0], ([row = 0, column = 0]) => {
    const product = sumOf(
      [inner],
      ([k = 0]) => at(a, isLeftTurned ? [k, row] : [row, k]) * at(b, isRightTurned ? [column, k] : [k, column]),
    )
    return alpha * product + (bias ? beta * at(bias, [row, column]) : 0)
  })
}

function matMul({ inputs: [left, right] }: Given): Double {
  const [a, b] = [need(left), need(right)]
  const [ranksA, ranksB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
  const rank = Math.max(ranksA.length, ranksB.length)
  const stack = Array.from({ length: rank }, (_, axis) =>
    Math.max(ranksA[axis - rank + ranksA.length] ?? 1, ranksB[axis - rank + ranksB.length] ?? 1),
  )
  const inner = a.shape.at(-1) ?? 0
  return double([...stack, a.shape.at(-2) ?? 0, b.shape.at(-1) ?? 0], (index) => {
    const [row = 0, column = 0] = index.slice(-2)
    const before = index.slice(0, -2)
    return sumOf([inner], ([k = 0]) => at(a, [...before, row, k]) * at(b, [...before, k, column]))
  })
}

type Window = {
  kernel: readonly number[]
  strides: readonly number[]
  dilations: readonly number[]
  begins: readonly number[]
  ends: readonly number[]
}

function windowOf(setting: Setting, kernel: readonly number[]): Window {
  const ones = kernel.map(() => 1)
  const pads = setting.ints(
    'pads',
    [...ones, ...ones].map(() => 0),
  )
  const rank = kernel.length
  return {
    kernel,
    strides: setting.ints('strides', ones),
    dilations: setting.ints('dilations', ones),
    begins: pads.slice(0, rank),
    ends: pads.slice(rank),
  }
}

const sizesOf = (input: readonly number[], { kernel, strides, dilations, begins, ends }: Window, isCeiled = false) =>
  input.map((size, axis) => {
    const free = size + (begins[axis] ?? 0) + (ends[axis] ?? 0) - ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) - 1
    return (isCeiled ? Math.ceil : Math.floor)(free / (strides[axis] ?? 1)) + 1
  })

const placeOf = ({ strides, dilations, begins }: Window, out: readonly number[], kernel: readonly number[]) =>
  out.map(
    (each, axis) => each * (strides[axis] ?? 1) + (kernel[axis] ?? 0) * (dilations[axis] ?? 1) - (begins[axis] ?? 0),
  )

function conv({ inputs: [given, weight, bias], setting }: Given): Double {
  const [x, w] = [need(given), need(weight)]
  const window = windowOf(setting, w.shape.slice(2))
  const [rows = 0, , ...input] = x.shape
  const [channels = 0, perGroup = 0] = w.shape
  const group = setting.int('group', 1)
  return double([rows, channels, ...sizesOf(input, window)], ([row = 0, channel = 0, ...out]) => {
    const first = Math.floor(channel / (channels / group)) * perGroup
    const sum = sumOf(
      [perGroup, ...window.kernel],
      ([inner = 0, ...place]) =>
        padded(x, [row, first + inner, ...placeOf(window, out, place)]) * at(w, [channel, inner, ...place]),
    )
    return sum + (bias?.data[channel] ?? 0)
  })
}

function convTranspose({ inputs: [given, weight, bias], setting }: Given): Double {
  const [x, w] = [need(given), need(weight)]
  const window = windowOf(setting, w.shape.slice(2))
  const [rows = 0, inner = 0, ...input] = x.shape
  const added = setting.ints(
    'output_padding',
    input.map(() => 0),
  )
  const sizes = input.map((size, axis) => {
    const reach = ((window.kernel[axis] ?? 1) - 1) * (window.dilations[axis] ?? 1) + 1
    return (
      (size - 1) * (window.strides[axis] ?? 1) +
      reach -
      (window.begins[axis] ?? 0) -
      (window.ends[axis] ?? 0) +
      (added[axis] ?? 0)
    )
  })
  const y = double([rows, w.shape[1] ?? 0, ...sizes], ([, channel = 0]) => bias?.data[channel] ?? 0)
  for (const [row = 0, channel = 0, ...place] of indicesOf([rows, inner, ...input]))
    for (const [output = 0, ...kernel] of indicesOf(w.shape.slice(1))) {
      const target = placeOf(window, place, kernel)
      if (target.some((each, axis) => each < 0 || each >= (sizes[axis] ?? 0))) continue
      const flat = [row, output, ...target].reduce((all, each, axis) => all * (y.shape[axis] ?? 1) + each, 0)
      y.data[flat] = (y.data[flat] ?? 0) + at(x, [row, channel, ...place]) * at(w, [channel, output, ...kernel])
    }
  return y
}

function pool({ inputs: [given], setting }: Given, isMax: boolean): Double {
  const x = need(given)
  const [rows = 0, channels = 0, ...input] = x.shape
  const window = windowOf(setting, setting.ints('kernel_shape', input))
  const isAllCounted = setting.int('count_include_pad', 0) === 1
  return double(
    [rows, channels, ...sizesOf(input, window, setting.int('ceil_mode', 0) === 1)],
    ([row = 0, channel = 0, ...out]) => {
      const places = [...indicesOf(window.kernel)].map((kernel) => placeOf(window, out, kernel))
      const inside = places.filter((place) => place.every((each, axis) => each >= 0 && each < (input[axis] ?? 0)))
      const values = inside.map((place) => at(x, [row, channel, ...place]))
      if (isMax) return Math.max(...values)
      return values.reduce((a, b) => a + b, 0) / (isAllCounted ? places.length : values.length)
    },
  )
}

function globalPool({ inputs: [given] }: Given, isMax: boolean): Double {
  const x = need(given)
  return double(
    x.shape.map((size, axis) => (axis < 2 ? size : 1)),
    ([row = 0, channel = 0]) => {
      const values = [...indicesOf(x.shape.slice(2))].map((place) => at(x, [row, channel, ...place]))
      return isMax ? Math.max(...values) : values.reduce((a, b) => a + b, 0) / values.length
    },
  )
}

/** Standardised over all indices that `groupOf` maps to one name. */
function standardised(x: Double, epsilon: number, groupOf: (index: readonly number[]) => string): Double {
  const groups = new Map<string, number[]>()
  for (const index of indicesOf(x.shape)) {
    const name = groupOf(index)
    groups.set(name, [...(groups.get(name) ?? []), at(x, index)])
  }
  return double(x.shape, (index) => {
    const values = groups.get(groupOf(index)) ?? []
    const mean = values.reduce((a, b) => a + b, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    return (at(x, index) - mean) / Math.sqrt(variance + epsilon)
  })
}

/** `isBatch` takes the statistics of the batch in place of the given ones, as training does. */
const batchNormalization =
  (isBatch: boolean): Operator =>
  ({ inputs: [given, scale, bias, mean, variance], setting }) => {
    const x = need(given)
    const epsilon = setting.float('epsilon', 1e-5)
    const own = isBatch ? standardised(x, epsilon, ([, channel]) => String(channel)) : undefined
    return double(x.shape, (index) => {
      const [, channel = 0] = index
      const frozen = (at(x, index) - (mean?.data[channel] ?? 0)) / Math.sqrt((variance?.data[channel] ?? 0) + epsilon)
      return (own ? at(own, index) : frozen) * (scale?.data[channel] ?? 0) + (bias?.data[channel] ?? 0)
    })
  }

function layerNormalization({ inputs: [given, scale, bias], setting }: Given): Double {
  const x = need(given)
  const axis = setting.int('axis', -1)
  const first = axis < 0 ? axis + x.shape.length : axis
  const value = standardised(x, setting.float('epsilon', 1e-5), (index) => index.slice(0, first).join())
  return double(x.shape, (index) => at(value, index) * at(need(scale), index) + (bias ? at(bias, index) : 0))
}

function groupNormalization({ inputs: [given, scale, bias], setting }: Given): Double {
  const x = need(given)
  const [, channels = 1] = x.shape
  const groups = setting.int('num_groups', channels)
  const value = standardised(
    x,
    setting.float('epsilon', 1e-5),
    ([row, channel = 0]) => `${row}/${Math.floor((channel * groups) / channels)}`,
  )
  return double(x.shape, (index) => {
    const [, channel = 0] = index
    return at(value, index) * (scale?.data[channel] ?? 0) + (bias?.data[channel] ?? 0)
  })
}

type CellState = { hidden: Double; cell: Double }
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

function recurrent({ inputs, setting }: Given, kind: 'LSTM' | 'GRU' | 'RNN'): Double[] {
  const [x, w, r, bias, , hidden0, cell0] = inputs
  const [steps = 0, rows = 0, width = 0] = need(x).shape
  const [directions = 1, , hidden = 0] = need(r).shape
  const y = double([steps, directions, rows, hidden], () => 0)
  const lasts: CellState[] = []
  for (let direction = 0; direction < directions; direction++) {
    const part = (given: Double | undefined) =>
      double([rows, hidden], ([row = 0, unit = 0]) => (given ? at(given, [direction, row, unit]) : 0))
    let state = { hidden: part(hidden0), cell: part(cell0) }
    const isBackward = setting.text('direction', 'forward') === 'reverse' || direction === 1
    for (let step = 0; step < steps; step++) {
      const time = isBackward ? steps - 1 - step : step
      const gates = { kind, late: setting.int('linear_before_reset', 0) === 1, direction, time, width, hidden }
      state = cellStep({ x: need(x), w: need(w), r: need(r), bias }, state, gates)
      for (const [row = 0, unit = 0] of indicesOf([rows, hidden]))
        y.data[((time * directions + direction) * rows + row) * hidden + unit] = at(state.hidden, [row, unit])
    }
    lasts.push(state)
  }
  const last = (key: keyof CellState) =>
    double([directions, rows, hidden], ([direction = 0, row = 0, unit = 0]) =>
      at(need(lasts[direction]?.[key]), [row, unit]),
    )
  return [y, last('hidden'), last('cell')]
}

type Weights = { x: Double; w: Double; r: Double; bias: Double | undefined }
type Place = {
  kind: 'LSTM' | 'GRU' | 'RNN'
  late: boolean
  direction: number
  time: number
  width: number
  hidden: number
}

function cellStep({ x, w, r, bias }: Weights, { hidden: before, cell }: CellState, place: Place): CellState {
  const { kind, late, direction, time, width, hidden } = place
  const gateCount = (w.shape[1] ?? 0) / hidden
  const next = { hidden: double(before.shape, () => 0), cell: double(before.shape, () => 0) }
  const inner = (row: number, line: number) =>
    sumOf([width], ([k = 0]) => at(x, [time, row, k]) * at(w, [direction, line, k])) +
    (bias ? at(bias, [direction, line]) : 0)
  const outer = (row: number, line: number, from: Double) =>
    sumOf([hidden], ([k = 0]) => at(from, [row, k]) * at(r, [direction, line, k])) +
    (bias ? at(bias, [direction, gateCount * hidden + line]) : 0)
  const gate = (row: number, index: number, unit: number) =>
    inner(row, index * hidden + unit) + outer(row, index * hidden + unit, before)
  const reset = double(before.shape, ([row = 0, unit = 0]) =>
    kind === 'GRU' ? sigmoid(gate(row, 1, unit)) * at(before, [row, unit]) : 0,
  )
  for (const index of indicesOf(before.shape)) {
    const [row = 0, unit = 0] = index
    const flat = row * hidden + unit
    if (kind === 'RNN') next.hidden.data[flat] = Math.tanh(gate(row, 0, unit))
    if (kind === 'LSTM') {
      const [i, o, f] = [0, 1, 2].map((each) => sigmoid(gate(row, each, unit)))
      const c = (f ?? 0) * at(cell, index) + (i ?? 0) * Math.tanh(gate(row, 3, unit))
      next.cell.data[flat] = c
      next.hidden.data[flat] = (o ?? 0) * Math.tanh(c)
    }
    if (kind === 'GRU') {
      const z = sigmoid(gate(row, 0, unit))
      const line = 2 * hidden + unit
      const recur = late ? sigmoid(gate(row, 1, unit)) * outer(row, line, before) : outer(row, line, reset)
      next.hidden.data[flat] = (1 - z) * Math.tanh(inner(row, line) + recur) + z * at(before, index)
    }
  }
  return next
}

export const layerOperators = (isBatch: boolean): ReadonlyMap<string, Operator> =>
  new Map([
    ['Gemm', gemm],
    ['MatMul', matMul],
    ['Conv', conv],
    ['ConvTranspose', convTranspose],
    ['MaxPool', (given) => pool(given, true)],
    ['AveragePool', (given) => pool(given, false)],
    ['GlobalMaxPool', (given) => globalPool(given, true)],
    ['GlobalAveragePool', (given) => globalPool(given, false)],
    ['BatchNormalization', batchNormalization(isBatch)],
    ['LayerNormalization', layerNormalization],
    ['GroupNormalization', groupNormalization],
    ['InstanceNormalization', groupNormalization],
    ['LSTM', (given) => recurrent(given, 'LSTM')],
    ['GRU', (given) => recurrent(given, 'GRU')],
    ['RNN', (given) => recurrent(given, 'RNN')],
  ])
