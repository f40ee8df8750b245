/**
 * Recurrent layers, unrolled: one copy of the cell for each time step. The product of input and weight is one for all
 * time steps.
 */
import { floatOf, intOf, type Operation, textOf } from '../../operation.ts'
import { type Fact, type Inference, type Lowering, type Rule, type Unsupported, unsupported } from '../rule.ts'

/**
 * Each time step adds some 30 operations forward and backward. Beyond this number, the runtime needs many seconds to
 * load the training model.
 */
export const STEPS_MAX = 256

export type Sizes = { steps: number; rows: number; inputs: number; hidden: number; directions: number }

/** The parts of one direction. */
export type Cell = {
  /** Input times weight plus bias, one [rows, gates * hidden] for each time step. */
  inputs: string[]
  recurrent: string
  /** The bias of the recurrent product, [gates * hidden]; undefined if `inputs` has it already. */
  recurrentBias: string | undefined
  hidden: string
  cell: string
  sizes: Sizes
}

type State = { hidden: string; cell: string }
export type CellStep = (t: Lowering, cell: Cell, input: string, state: State) => State

type Layer = {
  operator: 'LSTM' | 'GRU' | 'RNN'
  gates: number
  /** Whether both biases can be added at once. */
  joinsBiases(operation: Operation): boolean
  step: CellStep
}

export const recurrentRule = (layer: Layer): Rule => ({
  operator: layer.operator,
  limits: `usual activations, at most ${STEPS_MAX} time steps of equal length, no clip, no peepholes, layout 0`,
  infer: ({ operation, inputs }) => {
    const sizes = sizesOf({ operation, inputs })
    if ('unsupported' in sizes) return sizes
    const { steps, rows, hidden, directions } = sizes
    const last: Fact = { datatype: 'FP32', shape: [directions, rows, hidden] }
    return [{ datatype: 'FP32', shape: [steps, directions, rows, hidden] }, last, last]
  },
  lower(t) {
    const sizes = sizesOf(t)
    const flaw = 'unsupported' in sizes ? sizes : flawOf(t)
    if (flaw) return flaw
    if (!('unsupported' in sizes)) unroll(t, layer, sizes)
    return true
  },
})

function sizesOf({ inputs: [x, weight, recurrent] }: Inference): Sizes | Unsupported {
  if (x?.shape.length !== 3 || weight?.shape.length !== 3 || recurrent?.shape.length !== 3)
    return unsupported('has no sequence of rows as its input')
  const [steps = 0, rows = 0, inputs = 0] = x.shape
  if (steps < 1 || steps > STEPS_MAX) return unsupported(`has ${steps} time steps, and ${STEPS_MAX} can be trained`)
  return { steps, rows, inputs, hidden: recurrent.shape[2] ?? 0, directions: weight.shape[0] ?? 1 }
}

/** Attributes that change the cell: a default that is written out is refused as well, which no exporter does. */
function flawOf({ operation }: Lowering): Unsupported | undefined {
  const own = ['activations', 'activation_alpha', 'activation_beta', 'clip'].find((name) => operation.attributes[name])
  if (own) return unsupported(`has ${own}`)
  if (intOf(operation, 'layout', 0) !== 0) return unsupported('has layout 1')
  if (intOf(operation, 'input_forget', 0) !== 0) return unsupported('has input_forget')
  if (operation.inputs[4]) return unsupported('has sequences of several lengths')
  if (operation.inputs[7]) return unsupported('has peepholes')
  return floatOf(operation, 'clip', 0) === 0 ? undefined : unsupported('has clip')
}

function unroll(t: Lowering, layer: Layer, sizes: Sizes) {
  const direction = textOf(t.operation, 'direction', 'forward')
  const runs = Array.from({ length: sizes.directions }, (_, index) => {
    const isBackward = direction === 'reverse' || index === 1
    return run(t, layer, { sizes, index, isBackward })
  })
  const { steps, rows, hidden } = sizes
  const [all, lastHidden, lastCell] = t.operation.outputs
  const wide = (names: readonly string[], axis: number, output: number) =>
    t.finish('Concat', names, { axis: { int: axis } }, output)
  if (all) {
    const times = runs.map(({ hiddens }) => {
      const parts = hiddens.map((name) => t.emit('Reshape', [name, t.ints([1, 1, rows, hidden])]))
      return steps === 1 ? (parts[0] ?? '') : t.emit('Concat', parts, { axis: { int: 0 } })
    })
    wide(times, 1, 0)
  }
  const lift = (name: string) => t.emit('Reshape', [name, t.ints([1, rows, hidden])])
  if (lastHidden)
    wide(
      runs.map(({ last }) => lift(last.hidden)),
      0,
      1,
    )
  if (lastCell)
    wide(
      runs.map(({ last }) => lift(last.cell)),
      0,
      2,
    )
}

type Direction = { sizes: Sizes; index: number; isBackward: boolean }

/** The hidden states in the order of time, and the state after the last step of this direction. */
function run(t: Lowering, layer: Layer, direction: Direction) {
  const cell = cellOf(t, layer, direction)
  const order = cell.inputs.map((_, step) => (direction.isBackward ? cell.inputs.length - 1 - step : step))
  const hiddens = new Array<string>(cell.inputs.length).fill('')
  let last: State = { hidden: cell.hidden, cell: cell.cell }
  for (const step of order) {
    last = layer.step(t, cell, cell.inputs[step] ?? '', last)
    hiddens[step] = last.hidden
  }
  return { hiddens, last }
}

function cellOf(t: Lowering, { gates, joinsBiases }: Layer, { sizes, index }: Direction): Cell {
  const { steps, rows, inputs, hidden, directions } = sizes
  const [x = '', weight = '', recurrent = '', bias, , hidden0, cell0] = t.operation.inputs
  const width = gates * hidden
  const own = (name: string, shape: readonly number[]) => ownPart(t, name, { index, directions, shape })
  const zeros = () => t.emit('Expand', [t.float(0), t.ints([rows, hidden])])
  const biases = bias ? own(bias, [2 * width]) : undefined
  const half = (from: number) =>
    biases && t.emit('Slice', [biases, t.ints([from]), t.ints([from + width]), t.ints([0])])
  const [inner, outer] = [half(0), half(width)]
  const isJoined = joinsBiases(t.operation)
  const added = isJoined && inner && outer ? t.emit('Add', [inner, outer]) : inner
  const flat = t.emit('Reshape', [x, t.ints([steps * rows, inputs])])
  const product = t.emit('Gemm', [flat, own(weight, [width, inputs]), ...(added ? [added] : [])], {
    transB: { int: 1 },
  })
  const stepInputs = Array.from({ length: steps }, (_, step) =>
    t.emit('Slice', [product, t.ints([step * rows]), t.ints([(step + 1) * rows]), t.ints([0])]),
  )
  return {
    inputs: stepInputs,
    recurrent: own(recurrent, [width, hidden]),
    recurrentBias: isJoined ? undefined : outer,
    hidden: hidden0 ? own(hidden0, [rows, hidden]) : zeros(),
    cell: cell0 ? own(cell0, [rows, hidden]) : zeros(),
    sizes,
  }
}

type Part = { index: number; directions: number; shape: readonly number[] }

/** The part of one direction, without the axis of directions. */
function ownPart(t: Lowering, name: string, { index, directions, shape }: Part): string {
  const part = directions === 1 ? name : t.emit('Slice', [name, t.ints([index]), t.ints([index + 1]), t.ints([0])])
  return t.emit('Reshape', [part, t.ints(shape)])
}

/** One part of the gates, which stand side by side. */
export function gateOf(t: Lowering, gates: string, index: number, count: number, hidden: number): string {
  const [from, to] = [index * hidden, (index + count) * hidden]
  return t.emit('Slice', [gates, t.ints([from]), t.ints([to]), t.ints([1])])
}
