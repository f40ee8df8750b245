/** Back-propagation of the two networks of the paper in float64, written without any library. */
import type { Weights } from './train-stage.ts'

type Doubles = Float64Array<ArrayBuffer>

/** `rows` is the number of rows of the batch. */
type Layer = {
  forward(x: Doubles, rows: number): Doubles
  backward(dy: Doubles, rows: number): Doubles
  parameters: { values: Doubles; gradient: Doubles }[]
}

function addTo(values: Doubles, at: number, summand: number) {
  values[at] = (values[at] ?? 0) + summand
}

const parameter = (values: Float32Array | undefined) => {
  const doubles = Float64Array.from(values ?? [])
  return { values: doubles, gradient: new Float64Array(doubles.length) }
}

function linear(weight: ReturnType<typeof parameter>, bias: ReturnType<typeof parameter>): Layer {
  const outputs = bias.values.length
  const inputs = weight.values.length / outputs
  let given: Doubles = new Float64Array()
  return {
    parameters: [weight, bias],
    forward(x, rows) {
      given = x
      const y = new Float64Array(rows * outputs)
      for (let row = 0; row < rows; row++)
        for (let output = 0; output < outputs; output++) {
          let sum = bias.values[output] ?? 0
          for (let input = 0; input < inputs; input++)
            sum += (x[row * inputs + input] ?? 0) * (weight.values[output * inputs + input] ?? 0)
          y[row * outputs + output] = sum
        }
      return y
    },
    backward(dy, rows) {
      const dx = new Float64Array(rows * inputs)
      weight.gradient.fill(0)
      bias.gradient.fill(0)
      for (const [index, slope] of dy.entries()) {
        const [row, output] = [Math.floor(index / outputs), index % outputs]
        addTo(bias.gradient, output, slope)
        // Most slopes behind a Relu are zero.
        for (let input = 0; slope !== 0 && input < inputs; input++) {
          addTo(weight.gradient, output * inputs + input, slope * (given[row * inputs + input] ?? 0))
          addTo(dx, row * inputs + input, slope * (weight.values[output * inputs + input] ?? 0))
        }
      }
      return dx
    },
  }
}

function relu(): Layer {
  let given: Doubles = new Float64Array()
  return {
    parameters: [],
    forward(x) {
      given = x.map((value) => Math.max(0, value))
      return given
    },
    backward: (dy) => dy.map((slope, index) => ((given[index] ?? 0) > 0 ? slope : 0)),
  }
}

/** 2x2 windows with stride 2, on planes of `size` x `size`. */
function pool(channels: number, size: number): Layer {
  let places = new Int32Array()
  const half = size / 2
  return {
    parameters: [],
    forward(x, rows) {
      const y = new Float64Array(rows * channels * half * half)
      places = new Int32Array(y.length)
      for (let index = 0; index < y.length; index++) {
        const plane = Math.floor(index / (half * half))
        const [row, column] = [Math.floor(index / half) % half, index % half]
        const first = plane * size * size + 2 * row * size + 2 * column
        const best = [first, first + 1, first + size, first + size + 1].reduce((a, b) =>
          (x[b] ?? 0) > (x[a] ?? 0) ? b : a,
        )
        places[index] = best
        y[index] = x[best] ?? 0
      }
      return y
    },
    backward(dy, rows) {
      const dx = new Float64Array(rows * channels * size * size)
      for (const [index, slope] of dy.entries()) dx[places[index] ?? 0] = slope
      return dx
    },
  }
}

/** 5x5 with padding 2, on `inputs` planes of `size` x `size`. */
function conv(
  weight: ReturnType<typeof parameter>,
  bias: ReturnType<typeof parameter>,
  inputs: number,
  size: number,
): Layer {
  const outputs = bias.values.length
  const area = size * size
  let given: Doubles = new Float64Array()
  /** Calls `each` for every weight and every row of a plane that it meets. */
  const visit = (rows: number, each: (weightAt: number, x: number, y: number, width: number) => void) => {
    for (let plane = 0; plane < rows * outputs * inputs; plane++) {
      const [row, output, input] = [
        Math.floor(plane / outputs / inputs),
        Math.floor(plane / inputs) % outputs,
        plane % inputs,
      ]
      for (let place = 0; place < 25; place++) {
        const [down, right] = [Math.floor(place / 5) - 2, (place % 5) - 2]
        const [left, width] = [Math.max(0, -right), size - Math.abs(right)]
        for (let line = Math.max(0, -down); line < Math.min(size, size - down); line++)
          each(
            (output * inputs + input) * 25 + place,
            (row * inputs + input) * area + (line + down) * size + left + right,
            (row * outputs + output) * area + line * size + left,
            width,
          )
      }
    }
  }
  return {
    parameters: [weight, bias],
    forward(x, rows) {
      given = x
      const y = new Float64Array(rows * outputs * area)
      for (let plane = 0; plane < rows * outputs; plane++)
        y.fill(bias.values[plane % outputs] ?? 0, plane * area, (plane + 1) * area)
      visit(rows, (at, from, to, width) => {
        const factor = weight.values[at] ?? 0
        for (let index = 0; index < width; index++) addTo(y, to + index, factor * (x[from + index] ?? 0))
      })
      return y
    },
    backward(dy, rows) {
      const dx = new Float64Array(rows * inputs * area)
      weight.gradient.fill(0)
      bias.gradient.fill(0)
      for (const [index, slope] of dy.entries()) {
        const channel = Math.floor(index / area) % outputs
        addTo(bias.gradient, channel, slope)
      }
      visit(rows, (at, from, to, width) => {
        const factor = weight.values[at] ?? 0
        let sum = 0
        for (let index = 0; index < width; index++) {
          const slope = dy[to + index] ?? 0
          sum += slope * (given[from + index] ?? 0)
          addTo(dx, from + index, slope * factor)
        }
        addTo(weight.gradient, at, sum)
      })
      return dx
    },
  }
}

type Batch = { data: Uint8Array; labels: readonly number[] }

export type Reference = {
  /** The loss of the batch, before the weights change by lr times their gradient. */
  step(batch: Batch, lr: number): number
  weights(): Map<string, Float64Array>
  gradients(): Map<string, Float64Array>
}

export function reference(kind: '2NN' | 'CNN', start: Weights): Reference {
  const named = new Map([...start].map(([name, values]) => [name, parameter(values)]))
  const of = (name: string) => named.get(name) ?? parameter(undefined)
  const dense = (name: string) => linear(of(`${name}.w`), of(`${name}.b`))
  const convolution = (name: string, inputs: number, size: number) =>
    conv(of(`${name}.w`), of(`${name}.b`), inputs, size)
  const layers =
    kind === '2NN'
      ? [dense('fc0'), relu(), dense('fc1'), relu(), dense('fc2')]
      : [
          ...[convolution('c1', 1, 28), relu(), pool(32, 28), convolution('c2', 32, 14), relu(), pool(64, 14)],
          ...[dense('f1'), relu(), dense('f2')],
        ]
  return {
    step({ data, labels }, lr) {
      const rows = labels.length
      let value: Doubles = Float64Array.from(data, (pixel) => pixel / 255)
      for (const layer of layers) value = layer.forward(value, rows)
      const { loss, gradient } = crossEntropy(value, labels)
      let slope: Doubles = gradient
      for (const layer of [...layers].reverse()) slope = layer.backward(slope, rows)
      for (const { values, gradient: own } of layers.flatMap(({ parameters }) => parameters))
        for (const [index, each] of own.entries()) values[index] = (values[index] ?? 0) - lr * each
      return loss
    },
    weights: () => new Map([...named].map(([name, { values }]) => [name, values])),
    gradients: () => new Map([...named].map(([name, { gradient }]) => [name, gradient])),
  }
}

function crossEntropy(logits: Doubles, labels: readonly number[]) {
  const classes = logits.length / labels.length
  const gradient = new Float64Array(logits.length)
  let loss = 0
  for (const [row, label] of labels.entries()) {
    const own = logits.subarray(row * classes, (row + 1) * classes)
    const top = Math.max(...own)
    const sum = own.reduce((all, logit) => all + Math.exp(logit - top), 0)
    loss -= ((own[label] ?? 0) - top - Math.log(sum)) / labels.length
    for (const [index, logit] of own.entries())
      gradient[row * classes + index] = (Math.exp(logit - top) / sum - Number(index === label)) / labels.length
  }
  return { loss, gradient }
}
