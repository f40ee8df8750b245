/**
 * Flow shapes: derives the shape of each signal of a flow, and rejects impossible flows at the push, while a person
 * still looks.
 */

import { ELEMENTS_WRITTEN_MAX } from '../sources/tag.ts'
import { askFaults, askShape } from './flow-asking.ts'
import { thresholdFaults, voteFaults } from './flow-deciding.ts'
import { detectionsFaults } from './flow-detections.ts'
import { type Fault, faultsWhere } from './flow-fault.ts'
import { imageFaults, tensorShape } from './flow-images.ts'
import { modelFaults, modelShape } from './flow-model.ts'
import { type FlowShape, NUMBER, numbers, widthOf } from './flow-shape.ts'
import { type FlowStep, type FlowStepKind, signalsOf, VECTOR_LENGTH_MAX } from './flow-step.ts'
import { conversionOf } from './flow-units.ts'

type Path = (string | number)[]
export type ShapeProblem = { path: Path; message: string }

type Draft = {
  inputs: readonly DraftInput[]
  steps: readonly FlowStep[]
  sinks: readonly { name: string; from: string; kind: string }[]
}

type DraftInput = {
  name: string
  type: 'number' | 'text' | 'image'
  length?: number | undefined
  pixels?: 'rgb' | 'grey' | undefined
}

/**
 * The values of all windows together: 64 MB, as each has room for twice its values, and times and qualities beside
 * them. A small device runs several flows.
 */
export const WINDOW_VALUES_MAX = 2_000_000

type Checking = { shapes: Map<string, FlowShape>; problems: ShapeProblem[] }
/** The shape of each signal of a flow that is right. */
export const shapesOf = (flow: Draft): ReadonlyMap<string, FlowShape> => check(flow).shapes

/** The problems between the parts of a flow. */
export const shapeProblems = (flow: Draft): ShapeProblem[] => check(flow).problems

function check({ inputs, steps, sinks }: Draft): Checking {
  const it: Checking = { shapes: new Map(), problems: [] }
  for (const [index, input] of inputs.entries()) define(it, ['inputs', index], input.name, inputShape(input))
  for (const [index, step] of steps.entries()) checkStep(it, ['steps', index], step)
  const names = new Set<string>()
  for (const [index, sink] of sinks.entries()) {
    if (names.has(sink.name)) say(it, ['sinks', index, 'name'], `two sinks are named ${sink.name}`)
    names.add(sink.name)
    for (const message of sinkFaults(it, sink)) say(it, ['sinks', index, 'from'], message)
  }
  checkMemory(it)
  return it
}

function inputShape({ type, length, pixels }: DraftInput): FlowShape {
  if (type === 'image') return { kind: 'image', channels: pixels === 'grey' ? 1 : 3 }
  return length === undefined ? { kind: type } : { kind: 'vector', length }
}

const say = (it: Checking, path: Path, message: string) => void it.problems.push({ path, message })

/** A name that stands for two things would be read as the wrong one. */
function define(it: Checking, path: Path, name: string, shape: FlowShape): void {
  if (it.shapes.has(name)) say(it, [...path, 'name'], `${name} is named twice; inputs and steps share their names`)
  it.shapes.set(name, shape)
}

function sinkFaults({ shapes }: Checking, { from, kind }: Draft['sinks'][number]): string[] {
  const shape = shapes.get(from)
  if (!shape) return [unknown(from)]
  if (shape.kind === 'image' || shape.kind === 'tensor')
    return [`${from} is a picture, and pictures do not leave the device: tell what a model makes of it`]
  if (shape.kind === 'answer') return [`${from} are tensors, which are no value: tell the detections in them`]
  if (shape.kind === 'window') return [`${from} is a window, which is no value: tell what a step makes of it`]
  if (kind === 'tag' && shape.kind === 'detections')
    return [`${from} is a list of detections, and a tag is written one value, or numbers`]
  if (kind === 'tag' && widthOf(shape) > ELEMENTS_WRITTEN_MAX)
    return [`${from} is ${widthOf(shape)} numbers, and a tag is written at most ${ELEMENTS_WRITTEN_MAX} at once`]
  return []
}

const unknown = (name: string) => `there is no signal ${name} above this; a step is made of inputs and earlier steps`

function checkStep(it: Checking, path: Path, step: FlowStep): void {
  const names = signalsOf(step)
  const missing = names.find((name) => !it.shapes.has(name))
  if (missing !== undefined) {
    say(it, [...path, 'from'], unknown(missing))
    return
  }
  if (new Set(names).size < names.length) say(it, [...path, 'from'], 'a signal is named twice')
  const from = names.map((name) => it.shapes.get(name) ?? NUMBER)
  for (const [field, message] of faultsOf(step, from)) say(it, [...path, field], message)
  define(it, path, step.name, shapeOf(step, from))
}

const ACCEPTS: Readonly<Record<FlowStepKind, readonly FlowShape['kind'][]>> = {
  convert: ['number', 'vector'],
  filter: ['number', 'text', 'vector', 'detections'],
  resample: ['number', 'text', 'vector', 'detections'],
  align: ['number', 'vector'],
  concat: ['number', 'vector'],
  window: ['number', 'vector'],
  statistics: ['window'],
  fft: ['window'],
  lag: ['number'],
  difference: ['number'],
  'one-hot': ['number', 'text'],
  lookup: ['number', 'text'],
  normalise: ['number', 'vector', 'window'],
  image: ['image'],
  detections: ['answer'],
  expression: ['number', 'text', 'vector', 'window', 'detections'],
  model: ['number', 'vector', 'window', 'tensor'],
  ask: ['number', 'text', 'vector', 'detections'],
  threshold: ['number'],
  'k-of-n': ['number'],
}

function faultsOf(step: FlowStep, from: readonly FlowShape[]): Fault[] {
  const accepted = ACCEPTS[step.kind]
  const wrong = from.findIndex(({ kind }) => !accepted.includes(kind))
  if (wrong >= 0) {
    const name = signalsOf(step)[wrong]
    return [['from', `${name} is a ${from[wrong]?.kind}, and ${step.kind} takes a ${accepted.join(' or a ')}`]]
  }
  const faults = [...triggerFaults(step), ...ownFaults(step, from[0] ?? NUMBER, from)]
  const length = widthOf(shapeOf(step, from))
  return length > VECTOR_LENGTH_MAX
    ? [...faults, ['from', `gives ${length} numbers; a vector has at most ${VECTOR_LENGTH_MAX}`]]
    : faults
}

function triggerFaults(step: FlowStep): Fault[] {
  if (!('when' in step) || step.when === undefined) return []
  return signalsOf(step).includes(step.when) ? [] : [['when', `${step.when} is not among its signals`]]
}

function ownFaults(step: FlowStep, first: FlowShape, from: readonly FlowShape[]): Fault[] {
  switch (step.kind) {
    case 'convert':
      return convertFaults(step)
    case 'resample':
      return pointFaults('maxAgeMs', step.maxAgeMs, step.everyMs)
    case 'align':
      return faultsWhere([
        ...pointRules('maxAgeMs', step.maxAgeMs, step.everyMs ?? step.maxAgeMs),
        [step.everyMs !== undefined && step.when !== undefined, 'when', 'a grid and a signal cannot both decide when'],
      ])
    case 'window':
      return windowFaults(step)
    case 'fft':
      return fftFaults(step, first)
    case 'normalise':
      return normaliseFaults(step, first)
    case 'image':
      return imageFaults(step, channelsOf(first))
    case 'model':
      return modelFaults(step, from)
    case 'ask':
      return askFaults(step)
    case 'threshold':
      return thresholdFaults(step)
    case 'k-of-n':
      return voteFaults(step)
    case 'detections':
      return detectionsFaults(step, first)
    case 'filter':
    case 'concat':
    case 'statistics':
    case 'lag':
    case 'difference':
    case 'one-hot':
    case 'expression':
      return []
    case 'lookup':
      return lookupFaults(step)
  }
}

const lookupFaults = ({ otherwise, gives }: Extract<FlowStep, { kind: 'lookup' }>): Fault[] =>
  otherwise === undefined || (typeof otherwise === 'string') === (gives === 'text')
    ? []
    : [['otherwise', `must be a ${gives}, as gives says`]]

/** The most grid points that one value may fill: after a silence all of them are emitted at once. */
const POINTS_MAX = 10_000

const pointRules = (field: string, spanMs: number, everyMs: number): [boolean, string, string][] => [
  [
    spanMs / everyMs > POINTS_MAX,
    field,
    `is more than ${POINTS_MAX} times everyMs, and one value would be told as often: take less, or a coarser grid`,
  ],
]

const pointFaults = (field: string, spanMs: number, everyMs: number) => faultsWhere(pointRules(field, spanMs, everyMs))

type Of<Kind extends FlowStepKind> = Extract<FlowStep, { kind: Kind }>

function convertFaults({ unit, scale, offset }: Of<'convert'>): Fault[] {
  if (!unit) return []
  return faultsWhere([
    [!conversionOf(unit.from, unit.to), 'unit', `${unit.from} and ${unit.to} measure different things`],
    [scale !== 1 || offset !== 0, 'scale', 'is either given, or follows from the units'],
  ])
}

function windowFaults(step: Of<'window'>): Fault[] {
  switch (step.by) {
    case 'count':
      return []
    case 'time':
      return faultsWhere([
        ...pointRules('lastMs', step.lastMs, step.everyMs),
        [step.samplesMin > step.samplesMax, 'samplesMin', 'is more than samplesMax'],
        [step.everyMs > step.lastMs, 'everyMs', 'is more than lastMs, so samples between two windows would be in none'],
      ])
    case 'session':
      return []
  }
}

function fftFaults({ column }: Of<'fft'>, window: FlowShape): Fault[] {
  if (window.kind !== 'window') return []
  const isPower = window.samples >= 4 && (window.samples & (window.samples - 1)) === 0
  return faultsWhere([
    [!window.isExact || !isPower, 'from', 'a spectrum needs a window by count, of 4, 8, 16 … samples'],
    [column >= window.columns, 'column', `the window has ${window.columns} columns, counted from 0`],
  ])
}

function normaliseFaults({ mean, std, model }: Of<'normalise'>, first: FlowShape): Fault[] {
  const width = first.kind === 'window' ? first.columns : widthOf(first)
  const isWrong = (values: number[] | undefined) => values !== undefined && ![1, width].includes(values.length)
  return faultsWhere([
    [(mean === undefined) !== (std === undefined), 'std', 'mean and std belong together'],
    [(mean === undefined) === (model === undefined), 'mean', 'needs mean and std, or the model that knows them'],
    [isWrong(mean), 'mean', `must have 1 or ${width} numbers`],
    [isWrong(std), 'std', `must have 1 or ${width} numbers`],
  ])
}

const channelsOf = (shape: FlowShape) => (shape.kind === 'image' ? shape.channels : 1)

const rowOf = (from: readonly FlowShape[]): FlowShape => numbers(from.reduce((sum, shape) => sum + widthOf(shape), 0))

function shapeOf(step: FlowStep, from: readonly FlowShape[]): FlowShape {
  const first = from[0] ?? NUMBER
  switch (step.kind) {
    case 'convert':
    case 'filter':
    case 'resample':
    case 'normalise':
      return first
    case 'image':
      return { kind: 'tensor', shape: tensorShape(step, channelsOf(first)) }
    case 'align':
    case 'concat':
      return rowOf(from)
    case 'window':
      return windowOf(step, widthOf(first))
    case 'statistics':
      return numbers(step.of.length * (first.kind === 'window' ? first.columns : 1))
    case 'fft':
      return numbers((first.kind === 'window' ? first.samples : 2) / 2 + 1)
    case 'one-hot':
      return numbers(step.of.length)
    case 'lookup':
      return { kind: step.gives }
    case 'expression':
      return typeof step.gives === 'string' ? { kind: step.gives } : numbers(step.gives.vector)
    case 'model':
      return modelShape(step, from)
    case 'ask':
      return askShape(step)
    case 'detections':
      return { kind: 'detections' }
    case 'lag':
    case 'difference':
    case 'threshold':
    case 'k-of-n':
      return NUMBER
  }
}

const windowOf = (step: Of<'window'>, columns: number): FlowShape =>
  step.by === 'count'
    ? { kind: 'window', samples: step.samples, isExact: true, columns }
    : { kind: 'window', samples: step.samplesMax, isExact: false, columns }

function checkMemory(it: Checking): void {
  const windows = [...it.shapes.values()].flatMap((shape) => (shape.kind === 'window' ? [shape] : []))
  const values = windows.reduce((sum, { samples, columns }) => sum + samples * columns, 0)
  if (values <= WINDOW_VALUES_MAX) return
  say(it, ['steps'], `the windows hold ${values} values together, ${WINDOW_VALUES_MAX} at most: take fewer samples`)
}
